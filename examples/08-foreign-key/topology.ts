// Employees with their department, whichever of the two changes.

import { json, topology } from 'millrace'

interface Employee {
  readonly name: string
  readonly department: string
}

interface Department {
  readonly floor: number
}

export default topology((t) => {
  const departments = t.table('departments', { name: 'departments', value: json<Department>() })
  t.table('employees', { name: 'employees', value: json<Employee>() })
    .join(departments, ({ name }, { floor }) => ({ name, floor }), {
      name: 'employees-by-department',
      on: ({ department }) => department,
    })
    .to('employee-floors')
})
