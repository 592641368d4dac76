import { MillraceError } from '@millrace/errors'

/**
 * A validator of the Standard Schema family, version 1 (https://standardschema.dev): Zod, Valibot,
 * ArkType and others. `Output` is what it makes of a valid input.
 */
export interface StandardSchema<Output> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (
      value: unknown,
    ) => ValidationResult<Output> | Promise<ValidationResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

type ValidationResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly ValidationIssue[] }

interface ValidationIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** Issues named in an error; the rest is counted. */
const issuesNamedMax = 5

/**
 * The schema's output for this value. Throws `MILLRACE_RECORD_INVALID` naming the issues, and
 * `MILLRACE_RECORD_SCHEMA_ASYNC` where the schema answers with a promise.
 */
export function validated<Output>(schema: StandardSchema<Output>, value: unknown): Output {
  const { validate, vendor } = schema['~standard']
  const result = validate(value)
  if ('then' in result) {
    result.then(undefined, () => {})
    throw new MillraceError('MILLRACE_RECORD_SCHEMA_ASYNC', {
      message: `the ${vendor} schema answered with a promise`,
    })
  }
  if (result.issues) throw invalid(result.issues)
  return result.value
}

function invalid(issues: readonly ValidationIssue[]): MillraceError {
  const named = issues.slice(0, issuesNamedMax).map((issue) => {
    const path = (issue.path ?? []).map((step) =>
      String(typeof step === 'object' ? step.key : step),
    )
    return path.length === 0 ? issue.message : `${path.join('.')}: ${issue.message}`
  })
  const unnamed = issues.length - named.length
  if (unnamed > 0) named.push(`and ${unnamed} more`)
  return new MillraceError('MILLRACE_RECORD_INVALID', {
    message: `the value does not match its schema: ${named.join('; ')}`,
  })
}
