import type { DataAddress, DataReader } from '../../../electron/engine/mirror/retriever/open-data.ts';
import type { Client, DataSocket } from './ftp-client.ts';

/** In the place of the retriever's data connections: the simulated client has one from the beginning. */
export function openData({ ftp }: Client, _address: DataAddress, reader: DataReader): Promise<DataSocket> {
  ftp.dataSocket.on('data', (bytes: Buffer) => reader.push(bytes));
  return Promise.resolve(ftp.dataSocket);
}

export function askForData(): Promise<DataAddress> {
  return Promise.resolve({ host: '', port: 0 });
}
