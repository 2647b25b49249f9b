import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const run = promisify(execFile);

/**
 * A network of its own on this machine. It has no name: it is there for as long as the process that holds it, and that
 * ends with its input, so nothing is left behind however the test ends.
 */
export class NetNamespace {
  readonly #holder: ChildProcessWithoutNullStreams;

  private constructor(holder: ChildProcessWithoutNullStreams) {
    this.#holder = holder;
  }

  /** With loopback up; gone after the test. */
  static async make(): Promise<NetNamespace> {
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up && echo ready && exec cat']);
    const closed = once(holder, 'close');
    onTestFinished(async () => {
      holder.stdin.end();
      await closed;
    });
    const [line] = (await Promise.race([once(holder.stdout, 'data'), closed])) as [unknown];
    if (String(line).trim() !== 'ready') throw new Error('no network namespace');
    return new NetNamespace(holder);
  }

  get pid(): number {
    return this.#holder.pid ?? 0;
  }

  /** A command line in this network, which has to succeed. */
  async run(command: string): Promise<void> {
    await run('nsenter', [`--net=/proc/${this.pid}/ns/net`, 'sh', '-ec', command]);
  }

  /** A program in this network that ends with its input. It is ended after the test. */
  start(program: string, args: readonly string[]): TalkingProcess {
    const child = spawn('nsenter', [`--net=/proc/${this.pid}/ns/net`, program, ...args]);
    return new TalkingProcess(child);
  }
}

/** A process that is told and tells JSON, a line each. */
export class TalkingProcess {
  readonly said: unknown[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  #errors = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stderr.on('data', (text: Buffer) => (this.#errors += text.toString()));
    createInterface({ input: child.stdout }).on('line', (line) => this.said.push(JSON.parse(line)));
    const closed = once(child, 'close');
    onTestFinished(async () => {
      child.stdin.end();
      await closed;
      if (this.#errors !== '') throw new Error(this.#errors);
    });
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  tell(what: unknown): void {
    this.#child.stdin.write(`${JSON.stringify(what)}\n`);
  }
}

/** One cable: `[namespace, interface, IPv4 address, IPv6 address]` at each end, addresses with their prefix. */
export type Plug = readonly [namespace: NetNamespace, name: string, ipv4: string, ipv6: string];

/** Lays a cable between two networks. It is there, addresses and all, when this resolves. */
export async function connect(one: Plug, other: Plug): Promise<void> {
  await one[0].run(`ip link add ${one[1]} type veth peer name ${other[1]} netns ${other[0].pid}`);
  // Without duplicate address detection, an address can be used at once.
  for (const [namespace, name, ipv4, ipv6] of [one, other])
    await namespace.run(
      `echo 0 >/proc/sys/net/ipv6/conf/${name}/accept_dad
      ip address add ${ipv4} dev ${name}
      ip address add ${ipv6} dev ${name} nodad
      ip link set ${name} up`,
    );
  for (const [namespace, name] of [one, other])
    await namespace.run(`until ip link show ${name} | grep -q 'state UP'; do sleep 0.05; done`);
}

/** Why this machine does not let a test make networks; undefined where it does. */
export async function whyNoNamespaces(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux';
  try {
    await run('unshare', [
      '--net',
      'sh',
      '-ec',
      'ip link set lo up; ip link add here0 type veth peer name there0; command -v nsenter',
    ]);
    return undefined;
  } catch (error) {
    return `this user or machine has no network namespaces: ${error instanceof Error ? error.message.trim() : ''}`;
  }
}
