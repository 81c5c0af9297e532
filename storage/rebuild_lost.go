package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/storage/catalog"
)

// lostKinds are the kinds of records that exist only in the catalog, so that a rebuild loses them. names lists
// those of a readable old catalog.
var lostKinds = []struct {
	kind, remedy string
	names        func(tx *catalog.Tx) ([]string, error)
}{
	{"trails", "make them again", named((*catalog.Tx).Trails, func(t *catalog.Trail) string { return t.Name })},
	{"channels", "make them again with their resource policies; they get new ARNs", named((*catalog.Tx).Channels, func(c *catalog.Channel) string { return c.Name })},
	{"dashboards", "make them again, or apply their files with dashboard apply", named((*catalog.Tx).Dashboards, func(d *catalog.Dashboard) string { return d.Name })},
	{"access keys and their policies", "make new ones with keys create, and serve makes a new root key", named((*catalog.Tx).AccessKeys, accessKeyName)},
	{"saved questions", "save them again", named((*catalog.Tx).SavedQuestions, func(q *catalog.SavedQuestion) string { return q.Name })},
	{"resource policies of channels, dashboards and event data stores", "set them again", nil},
	{"reference tables", "create them again: the names are lost, their files are set aside", named((*catalog.Tx).Tables, func(t *catalog.Table) string { return t.Name })},
	{"signing keys of results that were delivered", "a new key signs new results", nil},
	{"lists of imports and their failures, of queries and of usage", "they start empty", nil},
}

func accessKeyName(k *catalog.AccessKey) string {
	if k.IsRoot {
		return k.ID + " (root)"
	}
	return k.ID
}

func named[T any](list func(*catalog.Tx) ([]T, error), name func(T) string) func(*catalog.Tx) ([]string, error) {
	return func(tx *catalog.Tx) (names []string, err error) {
		items, err := list(tx)
		for _, item := range items {
			names = append(names, name(item))
		}
		return names, err
	}
}

// maxLostNames is how many names of a kind are listed.
const maxLostNames = 10

// lost is the content of the old catalog before it was replaced.
type lost struct {
	isKnown     bool                // the old catalog was readable
	names       map[string][]string // by kind
	keysClosing bool                // it had keys that close the lake to callers without one
}

// readLost reads what is about to be lost. A missing or damaged catalog yields nothing.
func readLost(tx *catalog.Tx) (l lost) {
	l.names, l.isKnown = map[string][]string{}, true
	for _, kind := range lostKinds {
		if kind.names == nil {
			continue
		}
		names, err := kind.names(tx)
		if err != nil {
			return lost{}
		}
		l.names[kind.kind] = names
	}
	keys, err := tx.AccessKeys()
	if err != nil {
		return lost{}
	}
	l.keysClosing = slices.ContainsFunc(keys, func(k *catalog.AccessKey) bool { return !k.IsRoot && !k.Past })
	return l
}

// sentences describes what is lost, kind by kind. If the old catalog was readable, kinds without a record are
// omitted.
func (l lost) sentences() (out []string) {
	for _, kind := range lostKinds {
		names := l.names[kind.kind]
		switch {
		case !l.isKnown || kind.names == nil:
			out = append(out, fmt.Sprintf("%s (%s)", kind.kind, kind.remedy))
		case len(names) > 0:
			listed := strings.Join(names[:min(len(names), maxLostNames)], ", ")
			if len(names) > maxLostNames {
				listed += ", …"
			}
			out = append(out, fmt.Sprintf("%d %s: %s (%s)", len(names), kind.kind, listed, kind.remedy))
		}
	}
	return out
}

// closeDoors keeps a lake that had keys closed to callers without one. If the old catalog cannot be read, it closes
// every lake that ever sealed a secret, because it may have had keys.
func (r *catalogRebuild) closeDoors() error {
	required, err := r.lake.KeysRequired()
	if err != nil {
		return err
	}
	hadKeys := r.lost.keysClosing
	if !r.lost.isKnown && !required {
		_, err := r.lake.fs.Stat(filepath.Join(r.lake.dir, sealingKeyFile))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		hadKeys = err == nil
		r.rebuilt.KeysUnknown = hadKeys
	}
	r.rebuilt.KeysRequired = required || hadKeys
	if required || !hadKeys {
		return nil
	}
	return r.lake.putFile(r.lake.keysRequiredPath(), []byte(keysRequiredText))
}
