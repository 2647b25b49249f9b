/** The file is handed over; its content may go after that. */
const KEPT_MILLIS = 60_000;

/** Saves a file under a name, where the browser or the desktop puts such files. */
export function download(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MILLIS);
}
