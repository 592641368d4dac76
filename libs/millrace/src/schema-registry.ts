// `millrace/schema-registry`: serdes for Avro and JSON Schema; needs the package @kafkajs/confluent-schema-registry.
export {
  type AvroOptions,
  type JsonSchemaOptions,
  type SchemaRegistry,
  type SchemaRegistryOptions,
  schemaRegistry,
} from '@millrace/schemas'
