import { type Address, createFaultProxy, type FaultProxy } from './fault-proxy.ts';

/** Ports of 127.0.0.1 as they are reached over a long way: the same ports of another address of this machine. */
export interface LongWay {
  readonly host: string;
  /** Bytes that went over it, both ways together. */
  bytes(): number;
  stop(): Promise<void>;
}

/** `millis` each way. Control and data connections alike, so all ports that are used have to be named. */
export async function createLongWay(ports: readonly number[], millis: number, host = '127.0.0.2'): Promise<LongWay> {
  const proxies: FaultProxy[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  };
  try {
    for (const port of ports) {
      const to: Address = { host: '127.0.0.1', port };
      const proxy = await createFaultProxy({ to, at: { host, port } });
      proxy.delay(millis);
      proxies.push(proxy);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { host, bytes: () => proxies.reduce((sum, proxy) => sum + proxy.bytes, 0), stop };
}
