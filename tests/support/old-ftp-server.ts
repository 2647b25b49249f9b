import { FileSystem, FtpSrv } from 'ftp-srv';
import { pino } from 'pino';
import { freePort } from './free-port.ts';

/** `old-ftp-server.ts ROOT`: an FTP server as there were before Lockstep, for whoever logs in; prints its address when it is ready. */
const [root = '/'] = process.argv.slice(2);
const port = await freePort();
const server = new FtpSrv({
  url: `ftp://127.0.0.1:${port}`,
  pasv_url: '127.0.0.1',
  anonymous: true,
  log: pino({ level: 'silent' }),
});
server.on('login', ({ connection }, resolve) => resolve({ fs: new FileSystem(connection, { root, cwd: '/' }) }));
await server.listen();
console.log(`127.0.0.1:${port}`);
