/** Pages as they are met, each at its path below the root of the site. */
export interface SamplePage {
  readonly name: string;
  readonly path: string;
  readonly html: string;
  /** What counts though a browser that shows this page once does not ask for it: the candidates that it did not choose, above all. */
  readonly notAsked: readonly string[];
}

/** The URLs of the sample site's root. */
export const SAMPLE_BASES: readonly string[] = ['https://example.org/docs/', 'http://www.example.org/docs'];

/** Targets that only a style sheet names begin with this. */
export const FROM_CSS = 'css-';

const article = String.raw`<!doctype html>
<html lang="en"><head>
<meta charset="utf-8"><title>A walk <img src="not-in-title.png"></title>
<link rel="stylesheet" href="../style/main.css?v=3"><link rel="alternate stylesheet" href="../style/dark.css" title="dark">
<link rel="shortcut icon" href="/docs/favicon.ico"><link rel=apple-touch-icon sizes=180x180 href=/docs/touch.png>
<link rel="preload" as="font" href="../fonts/text.woff2" crossorigin><link rel="modulepreload" href="../js/main.mjs">
<link rel="preload" as="image" href="hero-1.jpg" imagesrcset="hero-1.jpg 400w, hero-2.jpg 800w" imagesizes="50vw">
<link rel="manifest" href="/docs/app.webmanifest"><link rel="canonical" href="https://example.org/docs/blog/walk.html">
<link rel="alternate" type="application/rss+xml" href="/docs/feed.xml"><link rel=prev href="2024.html"><link rel="next" href="./next/">
<link rel="preconnect" href="https://example.org/docs/not-a-file/"><link rel="dns-prefetch" href="//cdn.example.net/">
<link rel="stylesheet" href="https://cdn.example.net/x.css"><link href="no-rel.css"><link rel="whatever" href="unknown-rel.bin">
<meta property="og:image" content="https://example.org/docs/not-rendered.png">
<script src="../js/main.mjs" type="module"></script><script nomodule src="../js/old.js"></script>
<script type="text/x-template" src="data-block.html"></script>
<script>document.write('<img src="not-in-script.png">'); // </scripting <a href=not-a-tag.html>
</script>
<!-- <a href="not-in-comment.html">x</a> --></head>
<body><!--> <a href="after-empty-comment.html">x</a> -->
<p>Read <a href="../index.html">home</a>, <a href="../">up</a>, <a href="2023.html#may">May</a>, <a href="?page=2">more</a>, <a href="#top">top</a>,
<a href="mailto:a@example.org">mail</a>, <a href="javascript:void(0)">none</a>, <a href="">self</a>, <a href="walk.html?print">print</a>,
<a>none</a>, <a name="x">named</a>, <a href="deep/er/../page%20one.html" download>one</a>
<figure><picture><source type="image/avif" srcset="photo.avif 1x, photo@2x.avif 2x"><source media="(max-width: 1px)" srcset="small,comma.webp, small2.webp 2x">
<img src="photo.jpg" srcset="photo.jpg, photo@2x.jpg 2x,photo@3x.jpg 3x" alt="a"></picture></figure>
<img src="lazy.png" loading="lazy" alt=""><img srcset="only-set.png 1.5x, bad-descriptor.png 2q, data:image/png;base64,AA,BB 3x, late.png 4x">
<noscript><img src="noscript.png"><link rel=stylesheet href="noscript.css"></noscript>
<textarea><a href="not-in-textarea.html"></textarea><iframe src="frame.html"><a href="not-in-iframe.html"></iframe>
<ins cite="not-a-link.html">x</ins></body></html>`;

const shop = String.raw`<HTML><BODY BACKGROUND="back.gif"><TABLE background=table.gif><TR BACKGROUND='row.gif'><TD background="cell.gif">
<FORM ACTION="/docs/buy.html" METHOD=post><INPUT TYPE=IMAGE SRC="buy.gif" FORMACTION="buy2.html"><INPUT TYPE=text SRC="not-an-image.gif">
<BUTTON FORMACTION="buy3.html">3</BUTTON></FORM></TABLE>
<IMG SRC=map.gif USEMAP="#m"><MAP NAME=m><AREA SHAPE=rect COORDS="0,0,9,9" HREF="north.html"><AREA NOHREF></MAP>
<VIDEO POSTER="poster.jpg" CONTROLS><SOURCE SRC="film.webm" TYPE="video/webm"><SOURCE SRC="film.mp4"><TRACK SRC="film.vtt" KIND=captions DEFAULT></VIDEO>
<VIDEO SRC=loop.mp4 MUTED></VIDEO><AUDIO SRC="a.mp3"></AUDIO><AUDIO><SOURCE SRC="b.ogg"></AUDIO>
<OBJECT DATA="drawing.pdf" TYPE="application/pdf"><IMG SRC="fallback.png"></OBJECT><EMBED SRC="chart.svg" TYPE="image/svg+xml">
<IFRAME SRC="../terms/"></IFRAME><image src="really-an-img.png">
<BLOCKQUOTE CITE="cite.html">q</BLOCKQUOTE><A HREF=cart.html>cart</A></BODY></HTML>`;

const withBase = String.raw`<!doctype html><template><base href="/docs/not-this/"></template><base target=_blank>
<svg><base href="/docs/nor-this/"/></svg>
<base href="../other/"><base href="/docs/third/"><a href="page.html">p</a><a href="#note">same file of the base</a><a href="?q">and this</a>
<img src="../img/a.png"><a href="/docs/root.html">root</a><a href="/outside.html">out</a><a href="../../up.html">out too</a>
<a href="//example.org/docs/scheme.html">s</a><p style="background:url(css-b.png)">`;

const drawing = String.raw`<!doctype html><title>svg</title><p>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9"><title>t <a href="in-svg-title.html"></a></title>
<style><![CDATA[ rect { fill: red; background-image: url("css-cdata.png") } ]]></style><defs><g id="g"/></defs>
<rect/><use href="sprite.svg#one"/><use xlink:href="old-sprite.svg#two"/><use href="new.svg#a" xlink:href="not-used.svg#a"/><use href="#g"/>
<image href="pixel.png"/><image xlink:href="pixel2.png"/><a xlink:href="svg-link.html"><text>x</text></a><a href="svg-link2.html"/>
<filter id="f"><feImage href="fe.png"/></filter><script href="svg.js"/><script xlink:href="svg2.js"></script>
<foreignObject><div><img src="in-foreign.png"><a href="in-foreign.html">x</a></div><svg><image href="inner.png"/></svg></foreignObject>
<img src="breaks-out.png"><style>p { background-image: url(css-after-break.png) } </style>
<svg/><math><mtext><a href="in-math.html">x</a></mtext><mi xlink:href="not-followed.html">y</mi></math><a href="after.html">x</a>
<svg><desc><a href="in-desc.html">d</a></desc></svg>`;

const broken = String.raw`<html><head><LINK REL=STYLESHEET HREF=a.css><link rel="icon stylesheet" href="b.css" href="not-second.css">
<body><p><a href=c.html class=x>c<a href='d.html'title="x">d</a ><a href="e.html"id=e>e<div><a href=f.html/>f</div></b></p></p>
<img src="g.png"/><img/src="h.png"><img src=i.png?a=1&copy=2&amp=3><a href="j.html?x=1&amp;y=2#&lt;">j</a><a href="k&amp;l.html">k</a>
<a href="m&eacute;.html">m</a><a href="n&eacute.html">n</a><a href="o&#x1F600;.html">o</a><a href="p&notit;.html">p</a><a href="&#47;docs/q.html">q</a>
<a href="  r.html  ">r</a><a href="s
s.html">s</a><a	href
 =
 "t.html">t</a><a href=>empty</a><a href="u.html"<a href="not-u.html">u</a>
<a title="> <a href=not-in-title.html>" href="v.html">v</a><a href="w.html" disabled hidden=>w</a><a =href="x" href="y.html">y</a>
<style>p{}</styl><a href="not-in-style.html"></style ><a href="z.html">z</a><title>late <b></title><a href="aa.html">aa</a>
<xmp><a href="not-in-xmp.html"></xmp><noembed><a href="not-in-noembed.html"></noembed>
<![CDATA[ <a href="bb.html">bb</a> ]]><?php echo '<a href="not-in-pi.html">'; ?><a href="cc.html">cc</a><!doctype html><!foo <a href="not-in-bogus.html">
</ <a href="not-in-end.html">><a href="dd.html">dd</a></p foo="bar"><select><option>ee</select><br/><hr/><a href="ff.html">
<plaintext><a href="not-in-plaintext.html">`;

const world = String.raw`<!doctype html><meta http-equiv="content-type" content="text/html; charset=utf-8">
<a href="日本/案内.html">a</a><a href="%E6%97%A5%E6%9C%AC/%e5%9b%b3.html">b</a><a href="cafe&#x301;.html">nfd</a><a href="cafe%CC%81-2.html">nfd</a>
<a href="a b.html">space</a><a href="a%20c.html">space</a><a href="a+d.html">plus</a><a href="100%25.html">percent</a><a href="caf%E9.html">no utf-8</a>
<a href="bad%zz.html">no encoding</a><a href="x%2Fy.html">hidden slash</a><a href="x%5Cy.html">hidden backslash</a><a href="nul%00.html">nul</a>
<a href="%2e%2e/dots.html">dots</a><a href="..%2fdots2.html">hidden</a><a href="sub\back\slash.html">backslash</a><a href="a//b///c.html">empty</a>
<a href="https://example.org/docs/abs.html">abs</a><a href="HTTP://EXAMPLE.ORG/docs/abs2.html">abs</a><a href="http://www.example.org/docs/www.html">www</a>
<a href="https://example.org:443/docs/port.html">port</a><a href="https://example.org:8443/docs/other-port.html">other</a>
<a href="https://example.org/elsewhere/">outside</a><a href="https://example.org/docs">root</a><a href="https://example.org/docsx/a.html">outside</a>
<a href="//www.example.org/docs/rel.html">scheme</a><a href="https://user@example.org/docs/user.html">user</a><a href="https:same.html">same scheme</a>
<a href="http://example.com/docs/a.html">foreign</a><a href="http://">bad</a><a href="https://exa mple.org/docs/x.html">bad</a><a href="ftp://example.org/docs/f.html">ftp</a>
<a href="file:///docs/x.html">file</a><a href="data:text/html,x">data</a><a href="tel:+1">tel</a><a href="blob:https://example.org/docs/u">blob</a>
<a href="../../../../far.html">far</a><a href="/docs/../docs/./in.html">in</a><a href="/docs/.lockstep/staging/x.html">reserved</a>
<a href=".well-known/x">dot</a><a href="q.html?x=/docs/../#y">query</a><a href="e.html#/docs/z">fragment</a><a href="./">here</a><a href="..">up</a><a href=".">here</a>`;

const styled = String.raw`<!doctype html><meta charset="utf-8"><style>@charset "utf-8"; /* @import "css-not-in-comment.css"; */
@import "css-a.css"; @import url(css-b.css) screen; @import url("css-c.css") layer(x) supports(display: grid);
@namespace svg url(css-not-a-namespace.xml);
@font-face { font-family: f; src: local("css-not-local"), url( css-f.woff2 ) format("woff2") }
body { background: #fff url('css-body.png') no-repeat; font-family: f }
#a { background-image: url(css-one.png), url("css-t\77o.png"), URL( "css-three\.png" ) }
#b { background-image: image-set("css-set1.png" 1x, url(css-set2.png) 2x); content: "css-not-content.png" }
#c { background-image: -webkit-image-set(url(css-webkit.png) 1x) } @import "css-not-late.css";
#d { background-image: url(css-bad url.png) } #e { background-image: url() } #f { background-image: url(#frag) }
#g { background-image: url(css-paren\).png) } #h { background-image: url("css-(quoted).png") }
#i { background-image: url(data:image/png;base64,AAAA) }
@media screen { #j { background-image: url(css-media.png) } } @supports (display: grid) { #k { background-image: url(css-supports.png) } }
#l { background-image: url("css-line\
break.png") } #m::before { content: url(css-before.png) }
</style><style type="text/less">#z { background: url(css-not-css.png) }</style><body>
<i id=a></i><i id=b></i><i id=c></i><i id=d></i><i id=e></i><i id=f></i><i id=g></i><i id=h></i><i id=i></i><i id=j></i><i id=k></i><i id=l></i><i id=m>text</i>
<b style="background-image: url(&quot;css-inline.png&quot;)">x</b><b style='background-image: url("css-inline2.png?x#y");'>y</b>
<b style="background-image:url(../css-up.png), url(/docs/css-root.png), url(https://cdn.example.net/css-not.png)">z</b>`;

const templates = String.raw`<!doctype html><head><noscript><link rel="stylesheet" href="no.css"><meta http-equiv="REFRESH" content="900;URL='moved.html'"></noscript>
<meta http-equiv=refresh content="900"><meta http-equiv=refresh content="x; url=not.html"><meta name=refresh content="9; url=not2.html">
<body><template><img src="not-in-template.png"><template><a href="not-nested.html"></a></template><a href="not-after-nested.html">x</a>
<style>i { background: url(css-not-in-template.png) }</style></template><a href="after.html">x</a></template>
<div><template shadowrootmode="open"><img src="shadow.png"><template><img src="not-in-inner.png"></template><a href="shadow.html">x</a></template></div>
<ul><li><template><li><a href="not-open.html">x</ul></template><img src="seen.png"><template><a href="not-closed.html">`;

export const SAMPLE_PAGES: readonly SamplePage[] = [
  {
    name: 'an article',
    path: 'blog/walk.html',
    html: article,
    notAsked: [
      'blog/photo@2x.jpg',
      'blog/photo@3x.jpg',
      'blog/photo@2x.avif',
      'blog/small,comma.webp',
      'blog/small2.webp',
      'blog/late.png',
    ],
  },
  { name: 'a shop of 1997', path: 'shop/index.html', html: shop, notAsked: [] },
  { name: 'a page with a base', path: 'a/base.html', html: withBase, notAsked: [] },
  { name: 'drawings', path: 'draw.html', html: drawing, notAsked: [] },
  { name: 'broken markup', path: 'b/broken.html', html: broken, notAsked: [] },
  { name: 'links of all the world', path: 'w/x/world.html', html: world, notAsked: [] },
  { name: 'style sheets', path: 's/styled.html', html: styled, notAsked: [] },
  { name: 'templates', path: 't/templates.html', html: templates, notAsked: [] },
];

export function urlOfPage(page: Pick<SamplePage, 'path'>): string {
  return SAMPLE_BASES[0] + page.path;
}

/** The places within the sample site that URLs lead to, sorted; a folder ends with `/`. The page itself is left out. */
export function placesOf(urls: Iterable<string>, page: Pick<SamplePage, 'path'>): string[] {
  const places = [...urls].flatMap((text) => {
    const url = URL.parse(text);
    if (url === null || !/^https?:\/\/(?:www\.)?example\.org$/.test(url.origin)) return [];
    const within = /^\/docs(?:\/(.*))?$/.exec(url.pathname);
    if (within === null || /%2f|%5c|%00/i.test(url.pathname)) return [];
    try {
      const place = decodeURIComponent(within[1] ?? '')
        .normalize('NFC')
        .replaceAll(/\/{2,}/g, '/');
      return place === page.path || place.startsWith('.lockstep') ? [] : [place === '' ? '/' : place];
    } catch {
      return [];
    }
  });
  return [...new Set(places)].sort();
}
