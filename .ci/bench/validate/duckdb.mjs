// Counts the rows that violate six predicates, with two threads, and prints the milliseconds of the query, those of
// its processor time, and the count.
import { DuckDBInstance } from "@duckdb/node-api";

const file = process.argv[2].replaceAll("'", "''");
const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
const connection = await instance.connect();
const begin = process.hrtime.bigint(), busy = process.cpuUsage();
const result = await connection.runAndReadAll(`
  SELECT count(*) FROM read_csv('${file}', header = true)
  WHERE customer NOT LIKE 'cus\\_%' ESCAPE '\\'
     OR price NOT LIKE 'price\\_%' ESCAPE '\\'
     OR start_date < 1798848000
     OR quantity < 0
     OR proration_behavior NOT IN ('none', 'create_prorations')
     OR (collection_method = 'send_invoice' AND days_until_due IS NULL)`);
const milliseconds = Number(process.hrtime.bigint() - begin) / 1e6;
const used = process.cpuUsage(busy);
console.log(milliseconds.toFixed(3), ((used.user + used.system) / 1e3).toFixed(3), String(result.getRows()[0][0]));
