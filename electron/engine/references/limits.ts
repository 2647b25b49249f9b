import { REFERENCES_LENGTH_MAX, REFERENCES_MAX } from '../../../shared/domain/reference.ts';

/**
 * What one document may cost. Whoever writes pages is not trusted: a hostile page costs no more than these allow.
 * A document that runs into one is published all the same, with the references that were found (`Parsed.cut`).
 */
export const REFERENCE_LIMITS = {
  /** A larger document is not parsed. Callers need not even read it. */
  documentBytes: 4 * 1024 * 1024,
  /** References of one document. They travel with the notification of the change. */
  references: REFERENCES_MAX,
  /** Characters of all references together. */
  totalPathLength: REFERENCES_LENGTH_MAX,
  /** UTF-16 units of one URL as it is written. The longest path of a site fits, percent-encoded. Longer ones are no links into the site. */
  valueLength: 16 * 1024,
  /** Characters of all of them, each with the base that it is read by: a browser reads few, this here all of them. */
  resolvedLength: 8 * 1024 * 1024,
  /** Different URLs as they are written, those to other hosts included. */
  values: 20_000,
  /** Templates and SVG or MathML within each other. */
  depth: 512,
} as const;
