package ast

import "strings"

func (f *formatter) typeName(t *Type) {
	name, zone := t.Name, ""
	if t.Quoted {
		f.quoted(name)
	} else {
		name, zone, _ = strings.Cut(t.Name, " with ")
		f.put(name)
	}
	if len(t.Args) > 0 {
		f.put("(")
		each(f, t.Args, f.typeArg)
		f.put(")")
	}
	if len(t.Fields) > 0 {
		f.put("(")
		each(f, t.Fields, f.rowField)
		f.put(")")
	}
	f.putIf(zone != "", " with "+zone)
}

func (f *formatter) typeArg(a TypeArg) {
	if a.Type == nil {
		f.number(a.Number)
		return
	}
	f.typeName(a.Type)
}

func (f *formatter) rowField(field *RowField) {
	if field.Name != nil {
		f.ident(*field.Name)
		f.put(" ")
	}
	f.typeName(field.Type)
}
