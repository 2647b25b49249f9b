import { describe, expect, it, vi } from 'vitest';
import type { ArrivedRelease, Need } from '../../shared/contract/desktop.ts';
import { describeNotice, type Noticed, notice, nothingNoticed } from '../../electron/main/notices.ts';
import { createNotifier } from '../../electron/main/notifier.ts';
import { speakerOf } from '../../electron/main/speaker.ts';
import { nothingKnown } from '../../shared/contract/desktop.ts';

const shown = vi.hoisted(() => new Array<{ readonly body: string }>());

vi.mock('electron', () => ({
  Notification: class {
    static readonly isSupported = (): boolean => true;
    readonly on = (): void => undefined;
    readonly show = (): void => undefined;
    constructor(options: { readonly body: string }) {
      shown.push(options);
    }
  },
}));

const need = (key: string, code: Need['error']['code']): Need => ({
  key,
  site: 'www',
  peer: 'osaka',
  error: { code, params: {} },
  place: ['together', 'waiting', key],
});
const arrived = (id: number): ArrivedRelease => ({ site: 'www', id, name: `r${id}`, mirrors: 4, millis: 1_240 });
const titles = (result: ReturnType<typeof notice>) =>
  result.notices.map((told) => describeNotice(told, speakerOf('en')).title);

describe('what needs attention', () => {
  it('is told once, after a moment in which it may have gone away', () => {
    const summary = { needs: [need('a', 'guard.held')], arrived: [] };
    const first = notice(nothingNoticed, summary, 1_000);
    expect({ titles: titles(first), lookAgainAt: first.lookAgainAt }).toEqual({ titles: [], lookAgainAt: 6_000 });
    const second = notice(first.noticed, summary, 6_000);
    expect({ titles: titles(second), lookAgainAt: second.lookAgainAt }).toEqual({
      titles: ['www at osaka needs attention'],
      lookAgainAt: undefined,
    });
    expect(titles(notice(second.noticed, summary, 60_000))).toEqual([]);
  });

  it('is not told where it went away in time; where it comes back it is new', () => {
    const summary = { needs: [need('a', 'guard.held')], arrived: [] };
    const first = notice(nothingNoticed, summary, 1_000);
    const gone = notice(first.noticed, { needs: [], arrived: [] }, 3_000);
    const back = notice(gone.noticed, summary, 7_000);
    expect([titles(gone), titles(back), back.lookAgainAt]).toEqual([[], [], 12_000]);
  });

  it('gets more time where it is tried again by itself', () => {
    const summary = { needs: [need('a', 'fetch.unreachable')], arrived: [] };
    const first = notice(nothingNoticed, summary, 0);
    expect(titles(notice(first.noticed, summary, 59_000))).toEqual([]);
    expect(titles(notice(first.noticed, summary, 60_000))).toEqual(['www at osaka needs attention']);
  });

  it('is one notification where many come at once', () => {
    const summary = { needs: ['a', 'b', 'c'].map((key) => need(key, 'guard.held')), arrived: [] };
    const later = notice(notice(nothingNoticed, summary, 0).noticed, summary, 5_000);
    expect(later.notices.map((told) => describeNotice(told, speakerOf('ja')))).toEqual([
      {
        title: '3 件が判断を待っています',
        body: '「まとめて公開」の「待機中」に一覧があります。',
        place: ['together', 'waiting'],
      },
    ]);
  });

  it('is said of the install where it concerns no site', () => {
    const fault: Need = { key: 'fault', error: { code: 'certificate.expired', params: {} }, place: ['settings'] };
    const told = (['en', 'ja'] as const).map((locale) =>
      describeNotice({ kind: 'needs', needs: [fault] }, speakerOf(locale)),
    );
    expect(told.map(({ title }) => title)).toEqual(['Lockstep needs attention', 'Lockstep：判断が必要です']);
  });

  it('leads to the very item', () => {
    const item = need('www:held', 'guard.held');
    expect(describeNotice({ kind: 'needs', needs: [item] }, speakerOf('en')).place).toEqual(item.place);
  });
});

describe.each([
  ['linux', '&lt;a href="x:y"&gt;R&amp;D&lt;/a&gt;'],
  ['darwin', '<a href="x:y">R&D</a>'],
  ['win32', '<a href="x:y">R&D</a>'],
] as const)('a name in a notification on %s', (platform, text) => {
  it('is shown as text, never as markup', () => {
    vi.useFakeTimers();
    shown.length = 0;
    const notifier = createNotifier({
      speaker: () => speakerOf('en'),
      wanted: () => true,
      isFocused: () => false,
      open: () => undefined,
      platform,
    });
    const named = {
      ...need('a', 'file.io'),
      error: { code: 'file.io', params: { path: '<a href="x:y">R&D</a>' } },
    } as const;
    notifier.look({ ...nothingKnown, state: 'needs-person', needs: [named], needCount: 1 });
    vi.advanceTimersByTime(120_000);
    notifier.stop();
    vi.useRealTimers();
    expect(shown.map(({ body }) => body)).toEqual([expect.stringContaining(text)]);
  });
});

describe('a release that is everywhere', () => {
  it('is told once; those from before this start are old', () => {
    let state: Noticed = nothingNoticed;
    const told: string[] = [];
    for (const releases of [[], [arrived(5)], [arrived(9), arrived(5)], [arrived(9), arrived(5)]]) {
      const result = notice(state, { needs: [], arrived: releases }, 0);
      told.push(...titles(result));
      state = result.noticed;
    }
    expect(told).toEqual(['r5 is everywhere', 'r9 is everywhere']);
    expect(titles(notice(nothingNoticed, { needs: [], arrived: [arrived(5)] }, 0))).toEqual([]);
  });

  it('says how long it took', () => {
    expect(describeNotice({ kind: 'release', release: arrived(5) }, speakerOf('en'))).toEqual({
      title: 'r5 is everywhere',
      body: 'All 4 mirrors have it · 1.2 s',
      place: ['together', 'releases', '5'],
    });
  });
});
