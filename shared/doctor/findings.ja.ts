import type { FindingTexts } from './findings.ts';

/** The same in Japanese, for the app. */
export const findingTexts: FindingTexts = {
  'config-right': ['config.json に問題はありません。'],
  'database-opens': ['データベースを開けます。'],
  listens: ['{ftp?FTP サーバー|{link?リンク|コンソール}}は {address|所定のアドレス} で待ち受けています。'],
  silent: [
    'Lockstep は動いていますが、{ftp?FTP サーバー|{link?リンク|コンソール}}が待ち受けていません。',
    'Lockstep を終了して起動し直してください。理由はログにあります。',
  ],
  'link-moves': [
    'リンクのポートは起動のたびに変わりますが、{peer|ミラー}はペアリングの時のポートに接続します。',
    'ミラーが接続するポート（ミラーで lockstep peer list に表示）を設定してください：lockstep config set link.port PORT{same|}',
    '「設定」で、ミラーが接続するポートをリンクに設定してください。',
  ],
  'can-listen': [
    '{ftp?FTP サーバー|{link?リンク|コンソール}}は {host|この端末} の{port?ポート %|空きポート}で待ち受けられます。',
  ],
  'clock-future': [
    '最新の変更の時刻が、この端末の時計より {days?% 日|{hours?% 時間|{seconds|数} 秒}}先です。{mirror?マスターの時計がこの端末とずれています。|}',
    '両方の端末の時刻を NTP で合わせてください。',
  ],
  'clock-differs': [
    '{peer|相手}の時計はこの端末より {days?% 日|{hours?% 時間|{seconds|数} 秒}}{ahead?進んで|遅れて}います。',
    '両方の端末の時刻を NTP で合わせてください。',
  ],
  'clock-agrees': ['相手の時計はこの端末と合っています。'],
  'clock-unknown': ['相手の時計とのずれは、リンクが開くまで分かりません。変更の順序は時計によりません。'],
  'clock-before': [
    'この端末の時計は {now|過去の時刻} で、証明書が作られた時より前です。',
    '時計を合わせてください。NTP が確実です。',
  ],
  'peer-open': ['{peer|相手}とのリンクは開いています。'],
  'peer-dials': ['リンクは{peer|相手}の側から張られます。'],
  'peer-has-not-dialled': [
    'リンクは{peer|相手}の側から張られますが、まだ接続がありません。',
    '{peer|相手}の端末でも診断してください。',
  ],
  'peer-answers': ['{peer|相手}は {address|所定のアドレス} で、取り決めた証明書で応答します。'],
  'peer-paused': ['{peer|ミラー}は一時停止中で、何も取得しません。', '続けるときに再開してください。'],
  'version-same': ['どちらも Lockstep {version|の同じバージョン} です。'],
  'version-differs': [
    '{peer|相手}は Lockstep {theirs|の別のバージョン}、この端末は {ours|別のバージョン} です。',
    '同じバージョンにそろえてください。',
  ],
  'names-clash': [
    '{peer|このミラー}は大文字と小文字を区別しません。{path?「%」|名前}{other?（「%」と重なります）|}など {count|いくつか} 件が待っています。',
    'マスターでどちらかの名前を変えてください。',
  ],
  'names-unsupported': [
    '{peer|このミラー}のファイルシステムは{path?「%」|}など {count|いくつか} 件の名前を保存できません。',
    'マスターで名前を変えるか、ミラーで除外してください（lockstep follow set --exclude）。',
    'マスターで名前を変えるか、ミラーで除外してください。',
  ],
  'version-unknown': ['{peer|相手}のバージョンは、リンクが開くまで分かりません。'],
  'ftp-hands-out': ['{address|マスター} の FTP サーバーにログインでき、データ接続も通ります。'],
  'ftp-untried': ['ファイルの取得先は、リンクが開くまで分かりません。', 'まずリンクを開いてください。'],
  'mirror-fetches': ['{peer|ミラー}から、取得の問題は報告されていません。'],
  'passive-loopback': ['FTP サーバーのデータ用ポートは任意です。この端末からだけ接続されます。'],
  'passive-any': [
    'FTP サーバーはデータ用に任意の空きポートを使います。間にファイアウォールがあると、通す必要があります。',
    'ファイアウォールがあれば、config.json の ftp.passive.min と ftp.passive.max を設定し、その範囲を開けてください。',
  ],
  'passive-few': [
    'FTP サーバーのデータ用ポートは {ports|わずか} 個です。転送ごとに 1 つ使います。',
    'config.json の ftp.passive を {wanted|もっと多くの} ポート以上にしてください。',
  ],
  'passive-range': ['FTP サーバーのデータ用ポートは {min|} から {max|} までの {ports|} 個です。'],
  'watch-allows': [
    'FTP を使わない変更も監視しています。このシステムで監視できるフォルダーは {limit|十分な数} 個です。',
  ],
  'watch-unknown': [
    'FTP を使わない変更も監視しています。このシステムで監視できるフォルダーの上限は読み取れませんでした。',
  ],
  'watch-few': [
    'このシステムで監視できるフォルダーは {limit|わずか} 個です。それを超える分の変更は、再スキャンまで分かりません。',
    'root で sysctl fs.inotify.max_user_watches=524288 を実行してください。/etc/sysctl.d/ のファイルに同じ行を書けば再起動後も有効です。',
  ],
  'data-folder-private': ['データフォルダーを見られるのは本人だけです。'],
  'data-folder-open': [
    'この端末のほかの利用者もデータフォルダーを見られます。',
    '次を実行してください: chmod 700 {dir|データフォルダー}',
  ],
  'identity-at-start': ['識別情報は最初の起動時に作られます。'],
  'identity-readable': [
    'この端末のほかの利用者も identity/{name|} を読めます。',
    '次を実行してください: chmod 600 {file|ファイル} すでに読まれたおそれがあれば、作り直してペアリングし直してください。',
  ],
  'identity-broken': [
    '識別情報が不完全です。読み取れる証明書がありません。',
    'フォルダー identity/ をバックアップから戻してください。なければ、作り直してペアリングし直してください。',
  ],
  'identity-expired': ['証明書の期限が切れています。', '作り直してペアリングし直してください。'],
  'identity-expires': ['証明書の期限まであと {days|数} 日です。', '作り直してペアリングし直してください。'],
  'certificate-expires': [
    'FTP の証明書{file?（%）|}の期限まであと {days|数} 日です。',
    '更新してください。新しい証明書は自動的に読み込まれます。',
  ],
  'identity-valid': ['証明書は {until|当分} まで有効で、鍵は保護されています。'],
  'folder-other-disk': [
    '{own|専用フォルダー} が {root|サイト} と別のファイルシステムにあり、ファイルを一度に置き換えられません。',
    'Lockstep を止め、そのマウントを外してください。',
  ],
  'folder-unwritable': [
    '{root|フォルダー} に書き込めません{reason?(%)|}。',
    'Lockstep を動かす利用者に、書き込みの権限を与えてください。',
  ],
  'folder-writable': ['{root|フォルダー} にファイルを置けます。'],
  'folder-mask': [
    '{root|フォルダー} の新しいファイルは、Lockstep を動かす利用者{group?とそのグループ|}しか読めません (umask {mask|})。ほかの利用者として動くウェブサーバーは配信できません。',
    'umask 022 で Lockstep を起動してください (systemd のユニットでは UMask=0022)。すでにあるファイルは、.lockstep を除いて chmod o+rX を実行してください。',
  ],
  'disk-free': [
    '{dataFolder?データフォルダー|{where|フォルダー} }の空きは {megabytes?% MB|{size|} GB} ({percent|0} %) です。',
  ],
  'disk-low': [
    '{dataFolder?データフォルダー|{where|フォルダー} }の空きが {megabytes?% MB|{size|} GB} ({percent|0} %) しかありません。',
    '空きを増やしてください。入らないものは待ち、訪問者には前のファイルが見えます。',
  ],
  'disk-unflushed': [
    'サイト「{site|?}」の変更をディスクに書き込めませんでした。どれが書かれたかは、この機械を再起動するまで分かりません。',
    'ディスクとシステムのログを調べてから、この機械を再起動してください。足りない変更はもう一度行われます。',
  ],
  'multicast-sends': ['変更を {address|グループ} に告知しています{via?(%)|}。'],
  'multicast-hears': ['マスターの告知を聞いています{via?(%)|}。'],
};
