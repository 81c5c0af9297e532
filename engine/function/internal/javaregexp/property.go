package javaregexp

import (
	"strings"
	"sync"
	"unicode"
)

// posixSets are the classes of [:name:] and \p{name}, which cover all of Unicode.
var posixSets = map[string]func() runeSet{
	"alpha":  alphabetic,
	"digit":  func() runeSet { return tableSet(unicode.Nd) },
	"alnum":  func() runeSet { return alphabetic().union(tableSet(unicode.Nd)) },
	"upper":  func() runeSet { return tableSet(unicode.Lu).union(tableSet(unicode.Other_Uppercase)) },
	"lower":  func() runeSet { return tableSet(unicode.Ll).union(tableSet(unicode.Other_Lowercase)) },
	"punct":  func() runeSet { return tableSet(unicode.P) },
	"space":  func() runeSet { return tableSet(unicode.White_Space).union(mongolianSpace) },
	"blank":  func() runeSet { return tableSet(unicode.Zs).union(mongolianSpace).union(runeSet{{'\t', '\t'}}) },
	"cntrl":  func() runeSet { return tableSet(unicode.Cc) },
	"xdigit": func() runeSet { return newRuneSet(runeRange{'0', '9'}, runeRange{'A', 'F'}, runeRange{'a', 'f'}) },
	"ascii":  func() runeSet { return runeSet{{0, 0x7F}} },
	"word": func() runeSet {
		return tableSet(unicode.L).union(tableSet(unicode.M)).union(tableSet(unicode.N)).union(tableSet(unicode.Pc))
	},
	"graph": func() runeSet { return graphic() },
	"print": func() runeSet { return graphic().union(tableSet(unicode.Zs)) },
}

// mongolianSpace is a space no longer.
var mongolianSpace = runeSet{{0x180E, 0x180E}}

func alphabetic() runeSet {
	return tableSet(unicode.L).union(tableSet(unicode.Nl)).union(tableSet(unicode.Other_Alphabetic))
}

// graphic has the visible code points, and those that format text.
func graphic() runeSet {
	return tableSet(unicode.White_Space).union(tableSet(unicode.Cc)).union(tableSet(unicode.Cs)).union(unassigned()).negated()
}

func unassigned() runeSet {
	set := runeSet{}
	for _, t := range []*unicode.RangeTable{unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs} {
		set = set.union(tableSet(t))
	}
	return set.negated()
}

// javaSets are named after methods of Java's Character.
var javaSets = map[string]func() runeSet{
	"javalowercase":            posixSets["lower"],
	"javauppercase":            posixSets["upper"],
	"javaalphabetic":           alphabetic,
	"javaideographic":          func() runeSet { return tableSet(unicode.Ideographic) },
	"javatitlecase":            func() runeSet { return tableSet(unicode.Lt) },
	"javadigit":                func() runeSet { return tableSet(unicode.Nd) },
	"javadefined":              func() runeSet { return unassigned().negated() },
	"javaletter":               func() runeSet { return tableSet(unicode.L) },
	"javaletterordigit":        func() runeSet { return tableSet(unicode.L).union(tableSet(unicode.Nd)) },
	"javaspacechar":            func() runeSet { return tableSet(unicode.Z) },
	"javawhitespace":           javaWhitespace,
	"javaisocontrol":           func() runeSet { return tableSet(unicode.Cc) },
	"assigned":                 func() runeSet { return unassigned().negated() },
	"unassigned":               unassigned,
	"cn":                       unassigned,
	"any":                      func() runeSet { return allRunes },
	"all":                      func() runeSet { return allRunes },
	"l1":                       func() runeSet { return runeSet{{0, 0xFF}} },
	"ld":                       func() runeSet { return tableSet(unicode.L).union(tableSet(unicode.Nd)) },
	"newline":                  func() runeSet { return runeSet{{'\n', '\n'}} },
	"alphabetic":               alphabetic,
	"lowercase":                posixSets["lower"],
	"uppercase":                posixSets["upper"],
	"math":                     func() runeSet { return tableSet(unicode.Sm).union(tableSet(unicode.Other_Math)) },
	"c":                        other,
	"other":                    other,
	"idstart":                  idStart,
	"idcontinue":               idContinue,
	"perlhorizontalwhitespace": posixSets["blank"],
	"perlverticalwhitespace": func() runeSet {
		return newRuneSet(runeRange{'\n', '\r'}, runeRange{0x85, 0x85}, runeRange{0x2028, 0x2029})
	},
}

func other() runeSet { return tableSet(unicode.C).union(unassigned()) }

func javaWhitespace() runeSet {
	breaking := tableSet(unicode.Z).union(newRuneSet(runeRange{'\t', '\r'}, runeRange{0x1C, 0x1F}))
	return breaking.intersection(newRuneSet(runeRange{0xA0, 0xA0}, runeRange{0x2007, 0x2007}, runeRange{0x202F, 0x202F}).negated())
}

func idStart() runeSet {
	return tableSet(unicode.L).union(tableSet(unicode.Nl)).union(tableSet(unicode.Other_ID_Start))
}

func idContinue() runeSet {
	set := idStart()
	for _, t := range []*unicode.RangeTable{unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue} {
		set = set.union(tableSet(t))
	}
	return set
}

// scriptCodes are the short names of scripts in wide use.
var scriptCodes = map[string]string{
	"arab": "arabic", "armn": "armenian", "beng": "bengali", "bopo": "bopomofo", "cher": "cherokee", "copt": "coptic",
	"cyrl": "cyrillic", "deva": "devanagari", "ethi": "ethiopic", "geor": "georgian", "grek": "greek", "gujr": "gujarati",
	"guru": "gurmukhi", "hang": "hangul", "hani": "han", "hebr": "hebrew", "hira": "hiragana", "kana": "katakana",
	"khmr": "khmer", "knda": "kannada", "laoo": "lao", "latn": "latin", "mlym": "malayalam", "mong": "mongolian",
	"mymr": "myanmar", "orya": "oriya", "sinh": "sinhala", "syrc": "syriac", "taml": "tamil", "telu": "telugu",
	"thaa": "thaana", "tibt": "tibetan", "zinh": "inherited", "zyyy": "common",
}

// unicodeTables are the general categories, scripts and properties, whose long names count too.
var unicodeTables = sync.OnceValue(func() map[string]*unicode.RangeTable {
	tables := map[string]*unicode.RangeTable{}
	for name, t := range unicode.Properties {
		tables[longName(name)] = t
	}
	for name, t := range unicode.Scripts {
		tables[longName(name)] = t
	}
	for name, t := range unicode.Categories {
		tables[longName(name)] = t
	}
	for alias, name := range unicode.CategoryAliases {
		tables[longName(alias)] = unicode.Categories[name]
	}
	return tables
})

// longName is a name as patterns have it, without underscores.
func longName(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// propertySet is the set of \p{name}: a class, a general category, a script, a
// block after In, or another property; letter case does not matter.
func propertySet(name string) (runeSet, bool) {
	name = strings.ToLower(name)
	if script, ok := scriptCodes[name]; ok {
		name = script
	}
	for _, sets := range []map[string]func() runeSet{posixSets, javaSets} {
		if named, ok := sets[name]; ok {
			return named(), true
		}
	}
	if t, ok := unicodeTables()[name]; ok {
		return tableSet(t), true
	}
	if block, ok := strings.CutPrefix(name, "in"); ok {
		set, ok := blockSets()[block]
		return set, ok
	}
	return nil, false
}
