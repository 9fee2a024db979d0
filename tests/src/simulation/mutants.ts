/**
 * Stores that are broken on purpose: a simulation that does not find them out proves nothing.
 *
 * @module
 */
import type { Store } from "@sumus/storage";

/** A store whose statements are changed on their way. */
function tampered(
  store: Store,
  tamper: (sql: string) => "run" | { readonly rows: (parameters: readonly unknown[]) => object[] },
): Store {
  return {
    ...store,
    transaction: (name, work) =>
      store.transaction(name, (transaction) =>
        work({
          async query<Row extends object>(sql: string, parameters: readonly unknown[] = []) {
            const verdict = tamper(sql);
            if (verdict === "run") return await transaction.query<Row>(sql, parameters as never);
            return verdict.rows(parameters) as Row[];
          },
        }),
      ),
  };
}

/** Takes every report for a new one. */
export function forgetfulOfReports(store: Store): Store {
  return tampered(store, (sql) =>
    /INSERT INTO report_ids/.test(sql)
      ? {
          rows: ([tasks, ids]) =>
            (ids as Uint8Array[]).map((id, index) => ({
              task: (tasks as number[])[index],
              report_id: id,
            })),
        }
      : "run",
  );
}

/** Answers every request of the leader as if it came for the first time. */
export function forgetfulOfAnswers(store: Store): Store {
  return tampered(store, (sql) => (/\bhelper_jobs\b/.test(sql) ? { rows: () => [] } : "run"));
}

/** Commits every statement by itself: a crash leaves half a transaction behind. */
export function withoutAtomicity(store: Store): Store {
  return {
    ...store,
    transaction: (name, work) =>
      work({
        query: (sql, parameters) =>
          store.transaction(name, (transaction) => transaction.query(sql, parameters)),
      }),
  };
}
