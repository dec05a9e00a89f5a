/** npm start: builds the page, serves it, and prints its address. */
import { spawn } from 'node:child_process';
import { bin, ensurePackages, ROOT, run } from './prepare.mjs';

ensurePackages();
const code = run(bin('vite'), ['build', '--logLevel', 'warn']);
if (code !== 0) process.exit(code);
const server = spawn(bin('vite'), ['preview', '--port', process.env.PORT ?? '4173'], {
  cwd: ROOT,
  stdio: ['ignore', 'inherit', 'inherit'],
});
server.on('exit', (status) => process.exit(status ?? 1));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
