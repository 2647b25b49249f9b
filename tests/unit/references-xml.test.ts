import { expect, test } from 'vitest';
import { documentKind } from '../../electron/engine/references/document-kind.ts';
import { unwrap } from '../../shared/errors/result.ts';
import { parseSitePath } from '../../shared/domain/site-path.ts';
import { referenceLines } from '../support/reference-lines.ts';

const urls = { bases: ['https://example.org/'] };

test.each<[string, ReturnType<typeof documentKind>]>([
  ['index.html', 'html'],
  ['A/INDEX.HTM', 'html'],
  ['a.xhtml', 'xhtml'],
  ['a.min.css', 'css'],
  ['site.webmanifest', 'manifest'],
  ['app/manifest.json', 'manifest'],
  ['sitemap-1.xml', 'xml'],
  ['feed.rss', 'xml'],
  ['a.atom', 'xml'],
  ['a.json', undefined],
  ['css', 'css'],
  ['a.html.gz', undefined],
  ['html/readme', undefined],
])('%s is %s', (path, kind) => {
  expect(documentKind(unwrap(parseSitePath(path)))).toBe(kind);
});

test('what is no document of these kinds has no references', () => {
  expect(referenceLines('a.txt', '<a href=x>')).toEqual([]);
});

test('a sitemap', () => {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
    <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="i" xmlns:xhtml="x">
      <!-- <url><loc>https://example.org/no</loc></url> -->
      <url><loc> https://example.org/ </loc><lastmod>2026-01-01</lastmod>
        <xhtml:link rel="alternate" hreflang="ja" href="https://example.org/ja/"/>
        <image:image><image:loc>https://example.org/i.png</image:loc></image:image></url>
      <url><loc><![CDATA[https://example.org/a?x&y]]></loc></url><url><loc>https://example.org/b&amp;c&#46;html</loc></url>
      <url><loc>https://example.com/foreign</loc></url><url><loc/></url><url><loc>https://example.org/<b/>no</loc></url>
    </urlset>`;
  expect(referenceLines('sitemap.xml', xml, urls)).toEqual([
    'page /',
    'page ja/',
    'asset i.png',
    'page a',
    'page b&c.html',
  ]);
});

test('a sitemap of sitemaps', () => {
  const xml = '<sitemapindex><sitemap><loc>https://example.org/s/1.xml</loc></sitemap></sitemapindex>';
  expect(referenceLines('sitemap.xml', xml, urls)).toEqual(['page s/1.xml']);
});

test('RSS', () => {
  const xml = `<rss version="2.0"><channel><link>https://example.org/blog/</link>
    <atom:link rel="self" href="https://example.org/feed.xml"/><image><url>https://example.org/logo.png</url></image>
    <item><link>https://example.org/blog/1</link><guid>https://example.org/no</guid>
      <description>&lt;a href="/no"&gt;</description><content:encoded><![CDATA[<img src="/no.png">]]></content:encoded>
      <enclosure url="https://example.org/1.mp3" length="1" type="audio/mpeg"/><media:content url="https://example.org/1.mp4"/></item></channel></rss>`;
  expect(referenceLines('feed.xml', xml, urls)).toEqual([
    'page blog/',
    'asset logo.png',
    'page blog/1',
    'asset 1.mp3',
    'asset 1.mp4',
  ]);
});

test('Atom', () => {
  const xml = `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.org/blog/"><link href="./"/><logo>/l.svg</logo>
    <entry><link rel="alternate" href="1.html"/><link rel="enclosure" href="1.ogg"/><content src="1.txt"/>
    <content type="html">&lt;img src="no.png"&gt;</content></entry></feed>`;
  expect(referenceLines('atom.xml', xml, urls)).toEqual([
    'page blog/',
    'asset l.svg',
    'page blog/1.html',
    'asset blog/1.ogg',
    'page blog/1.txt',
  ]);
});

test('RSS 1.0', () => {
  const xml = '<rdf:RDF xmlns:rdf="r"><item><link>https://example.org/1</link></item></rdf:RDF>';
  expect(referenceLines('index.rdf', xml, urls)).toEqual(['page 1']);
});

test('other XML', () => {
  expect(referenceLines('pom.xml', '<project><url>/x</url><link>/y</link><loc>/z</loc></project>')).toEqual([]);
});

test('entities of one’s own are not expanded', () => {
  const bomb =
    '<!DOCTYPE urlset [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><urlset><url><loc>/x/&b;</loc></url><url><loc>/y</loc></url></urlset>';
  expect(referenceLines('sitemap.xml', bomb)).toEqual(['page x/&b;', 'page y']);
});

test('a manifest', () => {
  const manifest = {
    name: 'A',
    start_url: '../?source=app',
    icons: [{ src: 'i/192.png', sizes: '192x192' }, { src: 'i/512.png' }, { src: 3 }, null, 'x', { src: '' }],
    screenshots: [{ src: '/s.png' }],
    shortcuts: [{ name: 'n', url: 'new.html', icons: [{ src: 'i/n.png' }] }, []],
  };
  expect(referenceLines('app/site.webmanifest', JSON.stringify(manifest))).toEqual([
    'page /',
    'asset app/i/192.png',
    'asset app/i/512.png',
    'asset s.png',
    'page app/new.html',
    'asset app/i/n.png',
  ]);
});

test.each([
  '',
  '{',
  'null',
  '[]',
  '"x"',
  '3',
  '{"icons":{}}',
  '{"icons":"x","shortcuts":3,"start_url":{}}',
  '{"__proto__":{"start_url":"x"}}',
])('the manifest %s holds nothing', (json) => {
  expect(referenceLines('manifest.json', json)).toEqual([]);
});
