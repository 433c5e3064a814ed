import type { ComponentChildren, JSX } from 'preact';

export interface Column<Row> {
  readonly name: string;
  /** Of the head and of all cells. */
  readonly class?: string;
  readonly cell: (row: Row) => ComponentChildren;
}

interface TableProps<Row> {
  /** What it shows, for those who do not see it. */
  readonly label: string;
  readonly class?: string;
  readonly rows: readonly Row[];
  /** Of a row, the first cell of which is its name. */
  readonly keyOf: (row: Row) => string | number;
  readonly columns: readonly Column<Row>[];
}

/** A table that is scrolled where it is too large, also with the keyboard. */
export function Table<Row>({ label, class: own = '', rows, keyOf, columns }: TableProps<Row>): JSX.Element {
  const [head, ...rest] = columns;
  return (
    <div class={`scroll ${own}`} tabIndex={0} role="group" aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" class={column.class}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              <th scope="row" class={head?.class}>
                {head?.cell(row)}
              </th>
              {rest.map((column) => (
                <td key={column.name} class={column.class}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
