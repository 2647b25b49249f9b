import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MessageChannelMain,
  type MessagePortMain,
  PortPipe,
  type PortMessage,
} from '../support/electron-standin/ports.ts';
import { makeCodec } from '../support/electron-standin/clone.ts';

describe('structured clone as text', () => {
  const codec = makeCodec();
  const copy = (value: unknown): unknown => codec.decode(codec.encode(value));

  it('keeps what structured clone keeps', () => {
    const cloneable = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, maxDepth: 4 });
    fc.assert(
      fc.property(cloneable, (value) => {
        expect(copy(value)).toEqual(structuredClone(value));
      }),
    );
  });

  it('keeps circles, errors and bytes', () => {
    const circle: { self?: unknown; bytes: Uint8Array } = { bytes: new Uint8Array([0, 128, 255]) };
    circle.self = circle;
    const [again, error] = copy([circle, new TypeError('no')]) as [typeof circle, Error];
    expect(again.self).toBe(again);
    expect(again.bytes).toEqual(circle.bytes);
    expect({ name: error.name, message: error.message }).toEqual({ name: 'TypeError', message: 'no' });
  });

  it('refuses functions', () => {
    expect(() => codec.encode({ f: () => undefined })).toThrow('could not be cloned');
  });
});

describe('ports', () => {
  it('go through a pipe, with ports in their messages, and close at both ends', async () => {
    const here: PortPipe = new PortPipe((message) => send(there, message), 'h');
    const there: PortPipe = new PortPipe((message) => send(here, message), 't');
    const { port1, port2 } = new MessageChannelMain();
    const [far] = there.open(here.give([port2.take()]));
    const heard = next(port1);
    far?.postMessage({ data: 'from afar', ports: [] });
    expect(await heard).toEqual('from afar');

    const second = new MessageChannelMain();
    port1.postMessage('take this', [second.port2]);
    const given = await new Promise<{ ports: { postMessage(message: unknown): void; close(): void }[] }>((resolve) => {
      far?.once('message', resolve);
    });
    const answer = next(second.port1);
    given.ports[0]?.postMessage({ data: 'thanks', ports: [] });
    expect(await answer).toEqual('thanks');

    const closed = new Promise<void>((resolve) => port1.once('close', () => resolve()));
    far?.close();
    await closed;
    second.port1.close();
  });
});

/** As a process or a page would get it: later, and a copy. */
function send(to: PortPipe, message: PortMessage): void {
  const copy = structuredClone(message);
  setImmediate(() => to.receive(copy));
}

function next(port: MessagePortMain): Promise<unknown> {
  return new Promise((resolve) => {
    port.once('message', ({ data }: { data: unknown }) => resolve(data));
    port.start();
  });
}
