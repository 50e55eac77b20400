import type { Param } from './batch.ts'
import { distinctList, key, object } from './collections.ts'
import type { Item } from './document.ts'
import { readParam } from './params.ts'
import { isScalar, oneOf, text } from './scalars.ts'
import { refine, type Shape } from './shape.ts'

const paramTypes = ['string', 'number', 'boolean', 'date', 'choice'] as const

const longParam = object(
  { what: 'a param' },
  {
    type: key(oneOf(paramTypes), {
      description: `one of ${paramTypes.join(', ')}`,
      example: 'date',
      required: true,
    }),
    default: key(text({ expected: 'text' }), {
      description: 'taken when no value is given; a date may be today, yesterday or today-7d, in UTC',
    }),
    options: key(distinctList(text({ expected: 'text' })), { description: 'the values of a choice' }),
    description: key(text({ expected: 'text' }), { description: 'what the param is for' }),
  },
)

const choiceOptions = {
  if: { properties: { type: { const: 'choice' } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
  then: { required: ['options'] },
  else: { properties: { options: false } },
}

const shortParam = oneOf(paramTypes)
const checkedParam = refine(longParam, checkParam, choiceOptions)

/** One of `params:`: a map, or no more than a type. */
export const param: Shape<Param> = {
  // Only a map can give the options of a choice.
  schema: { anyOf: [{ enum: paramTypes.filter((type) => type !== 'choice') }, checkedParam.schema] },
  read: (item, names) => {
    if (!isScalar(item)) return checkedParam.read(item, names)
    const type = shortParam.read(item, names)
    return type && checkParam({ type }, item)
  },
}

function checkParam(param: Param, item: Item): Param {
  const { type, options, default: value } = param
  if (type === 'choice' && options === undefined)
    item.complainAtKey('a choice needs options, such as options: [small, large].')
  else if (type !== 'choice' && options !== undefined)
    item.complainAtKey(`options belong to a choice, not to a ${type}.`)
  else if (value !== undefined) checkDefault(param, value, item)
  return param
}

function checkDefault(param: Param, value: string, item: Item): void {
  try {
    // Any day will do to tell whether it is one.
    readParam(param, value, 0)
  } catch (error) {
    const place = item.entries().find(({ key }) => key === 'default')?.value
    place?.complain((error as Error).message)
  }
}
