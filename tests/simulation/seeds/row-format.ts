/** Where the value begins in a row, in a backend as in a changelog: stated again, not taken from the store. */
export const rowValueAt = 17
