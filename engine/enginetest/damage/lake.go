// Package damage makes small lakes, damages one file of a copy, and judges the result: the answers are right, or an
// error names the file, and no file is lost. Tests alone import it.
package damage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine"
)

// Now is the clock of the lakes.
var Now = time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return Now }

// Lake is a lake as its process left it, and what it answers.
type Lake struct {
	Name  string
	want  []string
	files map[string]*file // by path relative to the lake's folder
	older map[string]*file // the same lake earlier
}

// file holds the pages of a file that are not zero: most of a catalog's files is zeros.
type file struct {
	bytes int64
	pages []page
}

type page struct {
	offset  int64
	content []byte
}

const pageBytes = 4096

// Folder makes a folder for Build, in memory if the machine has a file system there: a lake's catalog needs real
// files. The caller removes it.
func Folder() (string, error) {
	dir, err := os.MkdirTemp("/dev/shm", "auditlake-damage-")
	if err != nil {
		return os.MkdirTemp("", "auditlake-damage-")
	}
	return dir, nil
}

// Build makes lakes in folders of dir: closed and killed ones, with and without pushed events. Read takes them from
// there.
func Build(ctx context.Context, dir string) error {
	for _, name := range lakeNames {
		if err := build(ctx, filepath.Join(dir, name), strings.HasPrefix(name, "killed"), strings.HasSuffix(name, "pushes")); err != nil {
			return fmt.Errorf("lake %s: %w", name, err)
		}
	}
	return nil
}

var lakeNames = []string{"closed", "closed-pushes", "killed", "killed-pushes"}

// build makes a lake in dir/now, a copy of an earlier state in dir/older, and log files beside them.
func build(ctx context.Context, dir string, isKilled, isPushed bool) error {
	path := filepath.Join(dir, "open")
	lake, err := open(ctx, path, false)
	if err != nil {
		return err
	}
	err = errors.Join(begin(ctx, lake, dir, isPushed), lake.Close())
	if err == nil {
		err = copyFolder(path, filepath.Join(dir, "older"))
	}
	if err != nil {
		return err
	}
	if lake, err = open(ctx, path, true); err != nil {
		return err
	}
	err = goOn(ctx, lake, dir, isPushed)
	if err == nil && isKilled {
		err = copyFolder(path, filepath.Join(dir, "now"))
	}
	err = errors.Join(err, lake.Close())
	if err == nil && !isKilled {
		err = copyFolder(path, filepath.Join(dir, "now"))
	}
	return errors.Join(err, os.RemoveAll(path))
}

func open(ctx context.Context, path string, mustExist bool) (*engine.Lake, error) {
	return engine.Open(ctx, path, engine.Options{MustExist: mustExist, Now: clock, FlushBytes: 1 << 40, FlushAge: 24 * time.Hour})
}

// begin makes stores, a table, imports and pushes.
func begin(ctx context.Context, lake *engine.Lake, dir string, isPushed bool) error {
	table := filepath.Join(dir, "people.csv")
	if err := os.WriteFile(table, []byte("name,team\nu1,red\nu2,blue\nu3,red\n"), 0o600); err != nil {
		return err
	}
	if _, err := lake.Tables().Create(ctx, engine.TableOptions{Name: "people", Path: table}); err != nil {
		return err
	}
	for _, s := range []engine.StoreOptions{
		{Name: "main", RetentionDays: 2557, BillingMode: engine.FixedRetention},
		{Name: "rebuilt", RetentionDays: 2557, BillingMode: engine.FixedRetention, EventJSON: engine.EventJSONRebuilt},
	} {
		if _, err := lake.Stores().Create(ctx, s); err != nil {
			return err
		}
	}
	if err := importEvents(ctx, lake, dir, "main", 0, 90); err != nil {
		return err
	}
	if err := importEvents(ctx, lake, dir, "rebuilt", 1000, 60); err != nil || !isPushed {
		return err
	}
	if err := push(ctx, lake, 2000, 12, 3); err != nil {
		return err
	}
	if err := lake.Flush(ctx); err != nil {
		return err
	}
	return push(ctx, lake, 2100, 4, 3)
}

// goOn adds more of the same to a lake that was closed in between. The log has a copy of the last push.
func goOn(ctx context.Context, lake *engine.Lake, dir string, isPushed bool) error {
	if err := importEvents(ctx, lake, dir, "main", 100, 90); err != nil {
		return err
	}
	if _, err := lake.Compact(ctx); err != nil {
		return err
	}
	if err := importEvents(ctx, lake, dir, "main", 200, 30); err != nil || !isPushed {
		return err
	}
	if err := push(ctx, lake, 2200, 3, 2); err != nil {
		return err
	}
	if err := push(ctx, lake, 3000, 1, 200); err != nil {
		return err
	}
	return push(ctx, lake, 2300, 3, 2)
}

// importEvents imports a log file of count events, numbered from from.
func importEvents(ctx context.Context, lake *engine.Lake, dir, store string, from, count int) error {
	var text bytes.Buffer
	text.WriteString(`{"Records":[`)
	for i := range count {
		if i > 0 {
			text.WriteByte(',')
		}
		text.Write(event(from + i))
	}
	text.WriteString(`]}`)
	path := filepath.Join(dir, fmt.Sprintf("%s-%d.json", store, from))
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		return err
	}
	_, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: store, Paths: []string{path}})
	return err
}

// push pushes events in several pushes, one after the other.
func push(ctx context.Context, lake *engine.Lake, from, pushes, events int) error {
	for i := range pushes {
		var texts [][]byte
		for j := range events {
			texts = append(texts, event(from+i*events+j))
		}
		results, err := lake.Push(ctx, "main", texts)
		if err != nil {
			return err
		}
		if at := slices.IndexFunc(results, func(r engine.PushResult) bool { return r.Code != "" }); at >= 0 {
			return fmt.Errorf("push: %s", results[at].Message)
		}
	}
	return nil
}

func event(n int) []byte {
	return fmt.Appendf(nil, `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDA%d","arn":"arn:aws:iam::111122223333:user/u%d",`+
		`"accountId":"111122223333","userName":"u%d"},"eventTime":"2026-01-%02dT%02d:%02d:00Z","eventSource":"s3.amazonaws.com","eventName":"PutObject",`+
		`"awsRegion":"us-east-1","sourceIPAddress":"192.0.2.%d","userAgent":"[aws-cli/2.15.0]","requestParameters":{"bucketName":"b%d","key":"k/%d","x":"%0300d"},`+
		`"eventID":"00000000-0000-4000-8000-%012d","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333"}`,
		n%7, n%7, n%7, 1+n%3, n%24, n%60, n%250, n%5, n, n, n)
}

// Read reads the lakes that Build has made, and records their answers.
func Read(ctx context.Context, dir string) (lakes []*Lake, err error) {
	for _, name := range lakeNames {
		l := &Lake{Name: name}
		if l.files, err = readFolder(filepath.Join(dir, name, "now")); err != nil {
			return nil, err
		}
		if l.older, err = readFolder(filepath.Join(dir, name, "older")); err != nil {
			return nil, err
		}
		path := filepath.Join(dir, fmt.Sprintf("%s-asked-%d", name, os.Getpid()))
		if err := l.Restore(path); err != nil {
			return nil, err
		}
		found := ask(ctx, path)
		if err := found.firstError(); err != nil {
			return nil, fmt.Errorf("lake %s: %w", name, err)
		}
		l.want = found.answers
		if err := os.RemoveAll(path); err != nil {
			return nil, err
		}
		lakes = append(lakes, l)
	}
	return lakes, nil
}

// Restore writes the lake to a new folder.
func (l *Lake) Restore(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for name, f := range l.files {
		if err := f.write(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func (f *file) write(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	to, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = to.Truncate(f.bytes)
	for _, p := range f.pages {
		if err == nil {
			_, err = to.WriteAt(p.content, p.offset)
		}
	}
	return errors.Join(err, to.Close())
}

func readFolder(dir string) (map[string]*file, error) {
	files := map[string]*file{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f := &file{bytes: int64(len(content))}
		for at := 0; at < len(content); at += pageBytes {
			p := content[at:min(len(content), at+pageBytes)]
			if len(bytes.Trim(p, "\x00")) > 0 {
				f.pages = append(f.pages, page{int64(at), slices.Clone(p)})
			}
		}
		files[name] = f
		return nil
	})
	return files, err
}

// copyFolder copies a folder that may still be changing. It waits for two equal readings.
func copyFolder(from, to string) error {
	for range 1000 {
		files, err := readFolder(from)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		again, err := readFolder(from)
		if err == nil && maps.EqualFunc(files, again, (*file).isEqual) {
			return (&Lake{files: files}).Restore(to)
		}
	}
	return fmt.Errorf("%s does not come to rest", from)
}
