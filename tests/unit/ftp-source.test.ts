import { expect, test } from 'vitest';
import { accessOptions } from '../../electron/engine/mirror/retriever/ftp-source.ts';
import { makeCertificate } from '../support/certificate.ts';

test('all sessions of one source have one context of TLS, and no options of each other', async () => {
  const { cert } = await makeCertificate();
  const source = { host: 'origin', port: 2121, user: 'mirror', password: 'secret', certificate: cert };
  const [first, second] = [accessOptions(source), accessOptions(source)];
  expect(first).toMatchObject({ secure: true, secureOptions: { secureContext: expect.any(Object) } });
  expect(second.secureOptions?.secureContext).toBe(first.secureOptions?.secureContext);
  expect(second.secureOptions).not.toBe(first.secureOptions);
  expect(accessOptions({ ...source, certificate: null })).toMatchObject({ secure: false, secureOptions: {} });
});
