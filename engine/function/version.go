package function

// trinoVersion is the Trino release whose language and results the library follows.
const trinoVersion = "476"

func versionFunctions() []Function {
	return []Function{scalar("version() -> varchar", "Returns the release of Trino whose SQL this is.",
		nullaryEnv(func(*Env) (string, error) { return trinoVersion, nil }))}
}
