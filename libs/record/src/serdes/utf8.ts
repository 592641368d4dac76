import { isUtf8 } from 'node:buffer'
import { MillraceError } from '@millrace/errors'

const replacementCharacter = '\ufffd'

/** Decodes UTF-8; bytes that are not UTF-8 throw `MILLRACE_RECORD_UNDECODABLE`. */
export function decodeUtf8(bytes: Buffer, serde: string): string {
  const text = bytes.toString('utf8')
  // Only broken bytes, and a replacement character that was really sent, need the second look.
  if (text.includes(replacementCharacter) && !isUtf8(bytes)) {
    throw new MillraceError('MILLRACE_RECORD_UNDECODABLE', {
      message: `${bytes.length} bytes for the ${serde} serde are not UTF-8`,
    })
  }
  return text
}
