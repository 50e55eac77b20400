import { suggestNearest } from '../nearest.ts'
import type { Param } from './batch.ts'
import { distinctList, key, object } from './collections.ts'
import type { Item } from './document.ts'
import { readParam } from './params.ts'
import { isScalar, oneOf, text } from './scalars.ts'
import { refine, refuse, type Shape } from './shape.ts'

const paramTypes = ['string', 'number', 'boolean', 'date', 'choice'] as const

const timeZone = refine(text({ expected: 'a time zone such as Asia/Tokyo' }), (zone, item) => {
  if (!isTimeZone(zone))
    refuse(item, 'a time zone such as Asia/Tokyo', suggestNearest(zone, Intl.supportedValuesOf('timeZone')))
  return zone
})

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}

const longParam = object(
  { what: 'a param' },
  {
    type: key(oneOf(paramTypes), {
      description: `one of ${paramTypes.join(', ')}`,
      example: 'date',
      required: true,
    }),
    default: key(text({ expected: 'text' }), {
      description: 'taken when no value is given; a date may be today, yesterday, today-7d or today+1d',
    }),
    time_zone: key(timeZone, {
      description: 'whose day `today` is, of a date; UTC when absent',
      example: 'Asia/Tokyo',
      as: 'timeZone',
    }),
    options: key(distinctList(text({ expected: 'text' })), { description: 'the values of a choice' }),
    description: key(text({ expected: 'text' }), { description: 'what the param is for' }),
  },
)

const keysOfTypes = {
  allOf: [
    {
      if: { properties: { type: { const: 'choice' } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
      then: { required: ['options'] },
      else: { properties: { options: false } },
    },
    { if: { properties: { type: { const: 'date' } } }, else: { properties: { time_zone: false } } },
  ],
}

const shortParam = oneOf(paramTypes)
const checkedParam = refine(longParam, checkParam, keysOfTypes)

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
  const { type, options, timeZone, default: value } = param
  if (type === 'choice' && options === undefined)
    item.complainAtKey('a choice needs options, such as options: [small, large].')
  else if (type !== 'choice' && options !== undefined)
    item.complainAtKey(`options belong to a choice, not to a ${type}.`)
  else if (type !== 'date' && timeZone !== undefined)
    item.complainAtKey(`a time_zone belongs to a date, not to a ${type}.`)
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
