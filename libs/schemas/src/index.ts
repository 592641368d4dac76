export {
  type AvroOptions,
  type JsonSchemaOptions,
  type SchemaRegistry,
  type SchemaRegistryOptions,
  schemaRegistry,
} from './schema-registry.ts'
