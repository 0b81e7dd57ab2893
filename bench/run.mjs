/** `npm run bench -- NAME [ARGUMENTS]`: compiles the benches beside the sources they use and runs one of them. */
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync } from 'node:fs';

const [name, ...args] = process.argv.slice(2);
const names = readdirSync('bench').flatMap((file) =>
  file.endsWith('.ts') ? [file.slice(0, -3)] : [],
);
if (!names.includes(name)) {
  console.error(`name a bench: ${names.join(', ')}`);
  process.exit(2);
}
const out = '.build/bench';
rmSync(out, { recursive: true, force: true });
const compile = [
  'node_modules/typescript/bin/tsc',
  '-p',
  'tsconfig.json',
  '--noEmit',
  'false',
  '--outDir',
  out,
];
execFileSync(process.execPath, compile, { stdio: 'inherit' });
cpSync('src', `${out}/src`, { recursive: true, filter: (path) => !path.endsWith('.ts') });
execFileSync(process.execPath, [`${out}/bench/${name}.js`, ...args], { stdio: 'inherit' });
