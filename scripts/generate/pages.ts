/** Fills a page's tables in between their markers: `<!-- mayfly:NAME -->` and `<!-- /mayfly:NAME -->`. */
export function fillPage(path: string, page: string, tables: Readonly<Record<string, string>>): string {
  const filled = page.replace(
    /<!-- mayfly:([\w-]+) -->[\s\S]*?<!-- \/mayfly:\1 -->/g,
    (_, name: string) =>
      `<!-- mayfly:${name} -->\n\n${findTable(path, name, tables)}\n\n<!-- /mayfly:${name} -->`,
  )
  const [opened, closed] = [/<!-- mayfly:/g, /<!-- \/mayfly:/g].map((mark) => page.match(mark)?.length ?? 0)
  if (opened !== closed) throw new Error(`${path}: ${opened} tables are opened and ${closed} closed.`)
  return filled
}

function findTable(path: string, name: string, tables: Readonly<Record<string, string>>): string {
  const table = tables[name]
  if (table !== undefined) return table
  throw new Error(`${path}: there is no table "${name}". There are ${Object.keys(tables).join(', ')}.`)
}
