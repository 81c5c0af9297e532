package material

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Made is a folder that takes long to make, such as a lake with events. The first test that asks for it makes it,
// and each test gets its own copy. Between tests the files are held in memory.
type Made struct {
	making sync.Mutex
	files  []madeFile
}

type madeFile struct {
	path    string // relative to the folder
	mode    fs.FileMode
	content []byte // nil for a folder
}

// Copy returns the path of a new folder with the files that fill writes.
func (m *Made) Copy(t testing.TB, fill func(dir string)) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "copy")
	for _, file := range m.made(t, fill) {
		if err := file.write(filepath.Join(dir, file.path)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// made makes the folder if it does not exist. If that fails, the test fails, and the next test tries again.
func (m *Made) made(t testing.TB, fill func(dir string)) []madeFile {
	t.Helper()
	m.making.Lock()
	defer m.making.Unlock()
	if m.files == nil {
		dir := t.TempDir()
		fill(dir)
		files, err := filesIn(dir)
		if err != nil {
			t.Fatal(err)
		}
		m.files = files
	}
	return m.files
}

func filesIn(dir string) (files []madeFile, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		file := madeFile{path: inside, mode: info.Mode()}
		if info.Mode().IsRegular() {
			if file.content, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		files = append(files, file)
		return nil
	})
	return files, err
}

func (f madeFile) write(path string) error {
	if f.mode.IsDir() {
		return os.Mkdir(path, f.mode.Perm())
	}
	return os.WriteFile(path, f.content, f.mode.Perm())
}
