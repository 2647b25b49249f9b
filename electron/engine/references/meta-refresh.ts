/**
 * The URL of `<meta http-equiv="refresh" content="5; url=next.html">`, or undefined where there is none.
 * HTML Standard §4.2.5.3 "shared declarative refresh steps".
 */
export function parseMetaRefresh(content: string): string | undefined {
  const rest = /^[\t\n\f\r ]*(?:\d|\.)[\d.]*(?:[\t\n\f\r ]*[;,]|[\t\n\f\r ])[\t\n\f\r ]*(.+)$/s.exec(content)?.[1];
  const url = rest?.replace(/^url[\t\n\f\r ]*=[\t\n\f\r ]*/i, '');
  const quoted = url === undefined ? null : /^(["'])(.*?)(?:\1|$)/s.exec(url);
  return quoted?.[2] ?? url;
}
