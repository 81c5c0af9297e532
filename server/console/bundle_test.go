package console

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestBundle(t *testing.T) {
	files := func(texts ...string) fstest.MapFS {
		out := fstest.MapFS{}
		for i := 0; i < len(texts); i += 2 {
			out[texts[i]] = &fstest.MapFile{Data: []byte(texts[i+1])}
		}
		return out
	}
	got, err := bundle(files(
		"main.mjs", "import { a as b, c } from \"./lib/x.mjs\";\nimport(\"./late.mjs\").then(b);\nconst t = \"</script><!--\";\n",
		"lib/x.mjs", "import { d } from \"../y.mjs\";\nexport const a = d;\nexport async function c() {}\n",
		"y.mjs", "var q=1;export{q as d};",
		"late.mjs", "import { d } from \"./y.mjs\";\nexport class K {}\n",
	), "main.mjs")
	require.NoError(t, err)
	require.Equal(t, `const modules = {};
modules["y.mjs"] = (() => {
var q=1;
return { d: q };
})();
modules["lib/x.mjs"] = (() => {
const { d } = modules["y.mjs"];
const a = d;
async function c() {}

return { a, c };
})();
modules["late.mjs"] = (() => {
const { d } = modules["y.mjs"];
class K {}

return { K };
})();
modules["main.mjs"] = (() => {
const { a: b, c } = modules["lib/x.mjs"];
Promise.resolve(modules["late.mjs"]).then(b);
const t = "<\/script><\!--";

return {  };
})();
`, got)
	for _, tt := range []struct {
		name  string
		files fstest.MapFS
		want  string
	}{
		{"a module that is not there", files("main.mjs", "import { a } from \"./none.mjs\";\n"), "none.mjs"},
		{"modules that import each other", files("main.mjs", "import { a } from \"./a.mjs\";\n", "a.mjs", "import { m } from \"./main.mjs\";\n"), "imports itself"},
		{"an import of everything", files("main.mjs", "import * as x from \"./main.mjs\";\n"), "cannot be bundled"},
		{"a default export", files("main.mjs", "export default 1;\n"), "cannot be bundled"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := bundle(tt.files, "main.mjs")
			require.ErrorContains(t, err, tt.want)
		})
	}
}
