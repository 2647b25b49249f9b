import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { serveCommands } from './command-server.ts';
import { freePort } from './free-port.ts';
import { temporaryFolder } from './temporary-folder.ts';

const CHECKOUT = join(import.meta.dirname, '..', '..');
const BLOCK_MILLIS = 300_000;
const END_MILLIS = 5_000;
/** Typed by nobody: what asks for a password at a terminal is given this one. */
const PASSWORD = 'of the pages, 42';
/** FTP, links, the console, and a program that is told. */
const USUAL_PORTS = ['2121', '2122', '2123', '8080'] as const;
/** Folders that pages name as if they were at the top of the machine. */
const TOP = /(?<![\w.~$}/-])\/(srv|var\/www|var\/lib\/lockstep|backups|old|home\/alice|etc\/lsyncd)\b/gu;

export interface Ran {
  readonly code: number;
  readonly output: string;
}

/** The machines of one page: folders of their own, one `lockstep`, and nothing left when the test ends. */
export interface DocMachines {
  run(machine: string, script: string): Promise<Ran>;
}

/**
 * What a page says is run as it stands, but for: folders at the top are the machine's own, the usual ports are free ones, a word
 * that stands for another (CODE) is that one, `lockstep run` comes back once it is ready, and whoever asks for a password gets it.
 * `installed`: each command is a process of the built command line; else all but `lockstep run` are answered by one process.
 */
export async function makeDocMachines(how: 'installed' | 'shared'): Promise<DocMachines> {
  const folder = await temporaryFolder();
  const [bin, words, pids] = [join(folder, 'bin'), join(folder, 'words'), join(folder, 'pids')];
  await Promise.all([mkdir(bin), mkdir(words), writeFile(pids, '')]);
  const ports: Record<string, string> = {};
  const commands = how === 'shared' ? String(await serveCommands()) : '';
  for (const usual of USUAL_PORTS) ports[usual] = String(await freePort());
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/usr/bin/env bash\n${text}`);
    await chmod(join(bin, name), 0o755);
  }
  onTestFinished(() => endAll(pids));
  const homes = new Map<string, Promise<string>>();
  const rootOf = (machine: string): Promise<string> => {
    const made = homes.get(machine) ?? makeRoot(join(folder, machine));
    homes.set(machine, made);
    return made;
  };
  return {
    async run(machine, script) {
      const root = await rootOf(machine);
      const home = join(root, 'home');
      const { code, output } = await bash(await adapt(script, root, ports, words), home, {
        PATH: `${bin}:${dirname(process.execPath)}:${process.env['PATH']}`,
        HOME: home,
        LC_ALL: 'C.UTF-8',
        // A hundred starts of the same file: it is compiled once.
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(CHECKOUT, '.cache', 'node'),
        DOC_CLI: join(CHECKOUT, 'out', 'cli', 'lockstep.mjs'),
        DOC_COMMANDS: commands,
        DOC_NODE: process.execPath,
        DOC_PASSWORD: PASSWORD,
        DOC_FTP: ports['2121'],
        DOC_LINK: ports['2122'],
        DOC_WORDS: words,
        DOC_PIDS: pids,
        DOC_ROOT: folder,
        DOC_CHECKOUT: CHECKOUT,
      });
      let restored = output.replaceAll(root, '');
      for (const [usual, free] of Object.entries(ports)) restored = restored.replaceAll(free, usual);
      // Where no address is given a page's machine listens at its own only.
      restored = restored.replaceAll(/^(FTP|Link)( +)127\.0\.0\.1:/gmu, '$1$20.0.0.0:');
      return { code, output: restored };
    },
  };
}

async function makeRoot(root: string): Promise<string> {
  await mkdir(join(root, 'home'), { recursive: true });
  return root;
}

async function adapt(
  script: string,
  root: string,
  ports: Readonly<Record<string, string>>,
  words: string,
): Promise<string> {
  let text = script.replace(TOP, `${root}/$1`);
  for (const [port, free] of Object.entries(ports)) text = text.replaceAll(new RegExp(`\\b${port}\\b`, 'gu'), free);
  for (const word of await readdir(words))
    text = text.replaceAll(new RegExp(`\\b${word}\\b`, 'gu'), (await readFile(join(words, word), 'utf8')).trim());
  return text.replaceAll(/^(lockstep run.*?) *&$/gmu, '$1');
}

function bash(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd, env, timeout: BLOCK_MILLIS };
    const child = execFile('bash', ['-euo', 'pipefail', '-c', `exec 2>&1\n${script}`], options, (error, output) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 255, output });
    });
    child.stdin?.end();
  });
}

/** What was left running in the background: asked to end, then ended. */
async function endAll(pids: string): Promise<void> {
  const left = (await readFile(pids, 'utf8')).split('\n').filter(Boolean).map(Number);
  left.forEach((pid) => signal(pid, 'SIGTERM'));
  const until = Date.now() + END_MILLIS;
  while (left.some((pid) => signal(pid, 0)) && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 50));
  left.forEach((pid) => signal(pid, 'SIGKILL'));
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** What stands on the path before the machine's own programs. */
const programs: Readonly<Record<string, string>> = {
  lockstep: `
# See tests/support/command-server.ts.
lockstep() {
  if [ -z "$DOC_COMMANDS" ]; then "$DOC_NODE" "$DOC_CLI" "$@"; return; fi
  local input= out err code
  case " $* " in *" --password-stdin "*|*" - "*) input=$(cat) ;; esac
  exec 3<>"/dev/tcp/127.0.0.1/$DOC_COMMANDS"
  printf '%s\\0' "$PWD" "$HOME" "\${LOCKSTEP_DATA:-}" "$input" "$#" "$@" >&3
  IFS= read -r -d '' out <&3; IFS= read -r -d '' err <&3; IFS= read -r -d '' code <&3
  exec 3>&-
  printf '%s' "$out"; printf '%s' "$err" >&2
  return "\${code:-255}"
}
case "$*" in
  run*)
    "$DOC_NODE" "$DOC_CLI" "$@" >"$HOME/.run.out" 2>"$HOME/.run.err" </dev/null &
    echo $! >>"$DOC_PIDS"; echo $! >"$HOME/.run.pid"
    until [ -s "$HOME/.run.out" ]; do
      kill -0 $! 2>/dev/null || { cat "$HOME/.run.err"; exit 1; }
      sleep 0.05
    done
    cat "$HOME/.run.out" ;;
  invite*) lockstep "$@" | tee "$DOC_WORDS/CODE" ;;
  # The limits of a page are those of a quiet machine.
  wait|"wait "*)
    declare -a given=()
    while [ $# -gt 0 ]; do
      case "$1" in --timeout) shift 2 ;; *) given+=("$1"); shift ;; esac
    done
    lockstep "\${given[@]}" --timeout 240s ;;
  init*master*)
    case "$*" in
      *--ftp*) lockstep "$@" ;;
      *) lockstep "$@" --ftp "127.0.0.1:$DOC_FTP" --link "127.0.0.1:$DOC_LINK" ;;
    esac ;;
  "account add"*|"account password"*|"target add"*) printf '%s\\n' "$DOC_PASSWORD" | lockstep "$@" --password-stdin ;;
  *) lockstep "$@" ;;
esac
`,
  // Ctrl-C at the `lockstep run` of this machine.
  'stop-lockstep': `
kill "$(cat "$HOME/.run.pid")"
while kill -0 "$(cat "$HOME/.run.pid")" 2>/dev/null; do sleep 0.05; done
rm "$HOME/.run.out"
`,
  curl: `
declare -a given=()
user=
for each in "$@"; do
  [ "$user" = -u ] && each="\${each%%:*}:$DOC_PASSWORD"
  user=$each; given+=("$each")
done
PATH=\${PATH#*:} exec curl -sS "\${given[@]}"
`,
  lftp: `
declare -a given=()
user=
for each in "$@"; do
  [ "$user" = -u ] && each="\${each%%,*},$DOC_PASSWORD"
  user=$each; given+=("$each")
done
PATH=\${PATH#*:} exec lftp "\${given[@]}"
`,
  // A unit's command stands in ~/.NAME.start.
  systemctl: `
action=$1; shift
[ "$1" = --now ] && shift
case "$action $1" in
  "disable lockstep"|"stop lockstep") exec stop-lockstep ;;
  disable*|stop*)
    kill "$(cat "$HOME/.$1.pid")"
    while kill -0 "$(cat "$HOME/.$1.pid")" 2>/dev/null; do sleep 0.05; done ;;
  *)
    bash "$HOME/.$1.start" >"$HOME/.$1.log" 2>&1 </dev/null &
    echo $! >"$HOME/.$1.pid"; echo $! >>"$DOC_PIDS" ;;
esac
`,
  crontab: `
case "$1" in
  -l) cat "$HOME/.crontab" ;;
  -) cat >"$HOME/.crontab.new"; mv "$HOME/.crontab.new" "$HOME/.crontab" ;;
esac
`,
  // Another machine of the page: its folders in place of those of this one.
  ssh: `
while [ "\${1#-}" != "$1" ]; do
  case "$1" in -[lpoFi]) shift 2 ;; *) shift ;; esac
done
there=$DOC_ROOT/$1; here=\${HOME%/home}; shift
command="$*"
cd "$there/home" && HOME=$there/home exec bash -c "\${command//$here/$there}"
`,
  // There is no user of that name.
  install: `
declare -a given=()
while [ $# -gt 0 ]; do
  case "$1" in -o|-g) shift 2 ;; *) given+=("$1"); shift ;; esac
done
PATH=\${PATH#*:} exec install "\${given[@]}"
`,
  sudo: '[ "$1" = -u ] && shift 2\nexec "$@"\n',
};
