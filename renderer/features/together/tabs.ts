const everywhere = ['waiting', 'groups', 'links'] as const;

/** A mirror knows nothing of releases but what it waits for. */
export const togetherTabs = { mirror: everywhere, master: [...everywhere, 'releases'] } as const;

export type TogetherTab = (typeof togetherTabs)['master'][number];
