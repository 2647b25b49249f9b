import {
  mayCompose,
  PATH_BYTES_MAX,
  parseSitePath,
  ROOT,
  segmentsOf,
  type SitePath,
} from '../../../shared/domain/site-path.ts';

export interface SiteUrls {
  /** http(s) URLs of the site's root; they may have a path (`https://example.org/docs/`). Without any, only relative and root-relative links count. */
  readonly bases: readonly string[];
  /** Whether the targets of forms count. */
  readonly formActions?: boolean;
}

/** A place within the site. `folder`: the link ends with `/`, and a server answers with the folder's index. The root is `{ path: '', folder: true }`. */
export interface Target {
  readonly path: SitePath;
  readonly folder: boolean;
}

/** Where a URL leads, as it is written in a document; undefined: not into the site. */
export type Resolver = (url: string) => Target | undefined;

/**
 * Resolves the URLs of one document as a browser does (WHATWG URL). Query and fragment do not matter: the same file answers.
 * `baseHref`: of the document's `<base href>`.
 */
export function createResolver(document: SitePath, baseHref: string | undefined, { bases }: SiteUrls): Resolver {
  const roots = bases.flatMap(readRoot);
  const [first = NOWHERE] = roots;
  const owned = roots.length === 0 ? [NOWHERE] : roots;
  const documentUrl = first.folder + segmentsOf(document).map(encodeURIComponent).join('/');
  const base = baseOf(baseHref, documentUrl);
  return (url) => {
    const resolved = URL.parse(url, base);
    if (resolved === null || !isWeb(resolved)) return undefined;
    for (const root of owned) {
      // http or https: the same files, whichever way the page itself was come by.
      const target =
        root.host === resolved.host && resolved.pathname.length <= root.longest
          ? targetBelow(root, resolved.pathname)
          : undefined;
      if (target !== undefined) return target;
    }
    return undefined;
  };
}

interface Root {
  readonly host: string;
  /** The URL, ending with `/`, without query and fragment. */
  readonly folder: string;
  /** Of its path, decoded. */
  readonly segments: readonly string[];
  /** Characters of the path of a URL below it. What is longer is no file of a site, and is not looked into. */
  readonly longest: number;
}

/** A path of a site, percent-encoded. */
const ENCODED_MAX = 3 * PATH_BYTES_MAX;

/** Stands for the host of a site whose URL is not known. RFC 6761 §6.4: no link that leads anywhere names a host of `.invalid`. */
const NOWHERE: Root = { host: 'site.invalid', folder: 'https://site.invalid/', segments: [], longest: ENCODED_MAX + 2 };

function readRoot(base: string): Root[] {
  const url = URL.parse(base);
  if (url === null || !isWeb(url)) return [];
  const segments = decodeSegments(url.pathname);
  if (segments === undefined) return [];
  const path = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  const folder = `${url.protocol}//${url.host}${path}`;
  return [{ host: url.host, folder, segments, longest: path.length + ENCODED_MAX + 1 }];
}

/** HTML Standard §4.2.3: a base that does not parse or is no place to resolve from counts for nothing, and those after it neither. */
function baseOf(href: string | undefined, documentUrl: string): string {
  const url = href === undefined ? null : URL.parse(href, documentUrl);
  return url === null || url.protocol === 'data:' || url.protocol === 'javascript:' ? documentUrl : url.href;
}

function targetBelow(root: Root, pathname: string): Target | undefined {
  const segments = decodeSegments(pathname);
  if (segments === undefined || root.segments.some((segment, index) => segments[index] !== segment)) return undefined;
  const parsed = parseSitePath(segments.slice(root.segments.length).join('/'));
  if (!parsed.ok) return undefined;
  return { path: parsed.value, folder: parsed.value === ROOT || pathname.endsWith('/') };
}

/** Undefined where a segment is no UTF-8, or hides a `/`: then no file can be meant. */
function decodeSegments(pathname: string): string[] | undefined {
  const segments = pathname.split('/').filter((segment) => segment !== '');
  if (!pathname.includes('%')) return segments;
  try {
    const decoded = segments.map((segment) => decodeURIComponent(segment));
    if (decoded.some((segment) => segment.includes('/') || !mayCompose(segment))) return undefined;
    return decoded.map((segment) => segment.normalize('NFC'));
  } catch {
    return undefined;
  }
}

function isWeb(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:';
}
