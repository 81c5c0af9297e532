import { useCallback, useEffect, useState } from "../vendor/preact.mjs";
import { get } from "./api.mjs";

/** useAnswer asks for a path, and again when the path changes or reload is called: {value, problem, reload}. */
export function useAnswer(path) {
  const [state, setState] = useState({});
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const aborting = new AbortController();
    get(path, aborting.signal).then(
      (value) => setState({ value }),
      (problem) => problem.name === "AbortError" || setState({ problem }),
    );
    return () => aborting.abort();
  }, [path, turn]);
  return { ...state, reload: useCallback(() => setTurn((n) => n + 1), []) };
}
