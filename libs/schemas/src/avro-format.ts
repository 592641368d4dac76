import avsc from 'avsc'
import { type Format, incompatible, invalidSchema, schemaText, textOf } from './format.ts'
import type { FetchedSchema } from './registry-client.ts'

const name = 'avro'

/** Avro: what is read is resolved to the serde's own schema, where it has one. */
export function avroFormat(schema: object | string | undefined): Format {
  const text = schema === undefined ? null : schemaText(schema, name)
  const own = text === null ? null : typeOf(text)
  return {
    name: own === null ? name : `${name}(${own.name ?? own.typeName})`,
    written: text === null ? null : { type: 'AVRO', text },
    readerOf(writer, id) {
      if (!isAvro(writer)) throw incompatible(id, 'is not an Avro schema')
      if (own === null) return (payload) => writer.fromBuffer(payload)
      const resolver = resolverOf(own, writer, id)
      return (payload) => own.fromBuffer(payload, resolver)
    },
    write: (_registered, value) => (own as avsc.Type).toBuffer(value),
  }
}

function typeOf(text: string): avsc.Type {
  try {
    return avsc.Type.forSchema(JSON.parse(text) as avsc.Schema)
  } catch (cause) {
    throw invalidSchema(name, cause)
  }
}

function resolverOf(own: avsc.Type, writer: avsc.Type, id: number): avsc.Resolver {
  try {
    return own.createResolver(writer)
  } catch (cause) {
    const as = own.name ?? own.typeName
    throw incompatible(id, `cannot be read as ${as}: ${textOf(cause)}`, cause)
  }
}

function isAvro(schema: FetchedSchema): schema is FetchedSchema & avsc.Type {
  return 'createResolver' in schema
}
