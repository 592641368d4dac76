import { type Format, incompatible, schemaText } from './format.ts'

const name = 'json-schema'

/** JSON that the schema named by the record, or the serde's own, has to allow. */
export function jsonSchemaFormat(schema: object | string | undefined): Format {
  const text = schema === undefined ? null : schemaText(schema, name)
  return {
    name,
    written: text === null ? null : { type: 'JSON', text },
    readerOf(writer, id) {
      if (!('validate' in writer)) throw incompatible(id, 'is not a JSON Schema')
      return (payload) => writer.fromBuffer(payload) as unknown
    },
    write: (registered, value) => registered.toBuffer(value as object),
  }
}
