package textshape

// maxKnown bounds the programs that a Finder caches; usual days have some hundred shapes.
const maxKnown = 4096

// Finder finds the shapes of texts and caches them. It must be used by one goroutine.
type Finder struct {
	layout    *Layout
	extractor *extractor
	programs  map[string]*Program
	tried     map[string]*recent // by the event's name
	name      *node              // nil: the layout has none
	scratch   []byte
}

// recent are the programs of the last texts with an event's name, the latest first.
type recent [4]*Program

// NewFinder makes a finder for a layout.
func NewFinder(layout *Layout) *Finder {
	return &Finder{
		layout: layout, extractor: newExtractor(layout), name: layout.members.find([]byte("eventName")),
		programs: map[string]*Program{}, tried: map[string]*recent{},
	}
}

// Find finds a program that reproduces exactly the text of a row, which has the finder's layout. ok is false if
// there is none, or if the text should be stored itself.
func (f *Finder) Find(text []byte, rows *Rows, row int) (p *Program, ok bool) {
	last := f.recent(rows, row)
	for i, p := range last {
		if p != nil && f.gives(p, text, rows, row) {
			copy(last[1:i+1], last[:i])
			last[0] = p
			return p, true
		}
	}
	found, ok := f.extractor.shape(text, rows, row)
	if !ok {
		return nil, false
	}
	if p = f.programs[string(found)]; p == nil {
		var err error
		if p, err = f.layout.Compile(found); err != nil {
			return nil, false
		}
		if len(f.programs) >= maxKnown {
			clear(f.programs)
			clear(f.tried)
		}
		f.programs[p.Shape()] = p
	}
	if !f.gives(p, text, rows, row) {
		return nil, false
	}
	copy(last[1:], last[:])
	last[0] = p
	return p, true
}

func (f *Finder) gives(p *Program, text []byte, rows *Rows, row int) (ok bool) {
	ok, f.scratch = p.gives(text, f.scratch, rows, row)
	return ok
}

// recent returns the latest programs of events with a row's name.
func (f *Finder) recent(rows *Rows, row int) *recent {
	var name []byte
	if f.name != nil && !rows.values[f.name.at].isNull(row) {
		name, _ = rows.values[f.name.at].texts.at(row)
	}
	last := f.tried[string(name)]
	if last == nil {
		if len(f.tried) >= maxKnown {
			clear(f.tried)
		}
		last = &recent{}
		f.tried[string(name)] = last
	}
	return last
}
