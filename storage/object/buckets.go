package object

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"github.com/auditlake/auditlake/lazyregexp"
)

// Buckets finds the storage of a bucket's name. It is safe for concurrent use. A nil *Buckets knows no bucket.
type Buckets struct {
	servers []*server          // the first whose pattern matches a name serves it
	folders map[string]*folder // by name, without FolderPrefix
	places  []string           // of the folders, absolute, links resolved
	// anyName: names that begin with FolderPrefix may be buckets of servers, too.
	anyName bool
}

// FolderPrefix begins the names of buckets that are folders of this machine. No server is asked for such a name.
const FolderPrefix = "local-"

// server holds the buckets whose names match a pattern.
type server struct {
	pattern string
	options Options

	mu      sync.Mutex
	clients map[string]*Client // mu: by requested region
}

// maxClients bounds the clients of a server, because callers choose the regions.
const maxClients = 32

// EveryBucket returns Buckets that finds all buckets in one storage.
func EveryBucket(ctx context.Context, o Options) (*Buckets, error) {
	s := &server{pattern: "*", options: o}
	if _, err := s.client(ctx, ""); err != nil {
		return nil, err
	}
	return &Buckets{servers: []*server{s}, anyName: true}, nil
}

// bucketsFile is the file of buckets.
type bucketsFile struct {
	Buckets []bucketEntry `toml:"bucket"`
	Folders []folderEntry `toml:"folder"`
}

type bucketEntry struct {
	Name       string `toml:"name"`
	Endpoint   string `toml:"endpoint"`
	Region     string `toml:"region"`
	PathStyle  *bool  `toml:"path_style"`
	Profile    string `toml:"profile"`
	KeyID      string `toml:"access_key_id"`
	Secret     string `toml:"secret_access_key"`
	Token      string `toml:"session_token"`
	KeyIDFrom  string `toml:"access_key_id_env"`
	SecretFrom string `toml:"secret_access_key_env"`
	TokenFrom  string `toml:"session_token_env"`
	Role       string `toml:"assume_role"`
	ExternalID string `toml:"external_id"`
	STS        string `toml:"sts_endpoint"`
}

type folderEntry struct {
	Name     string `toml:"name"`
	Path     string `toml:"path"`
	ReadOnly bool   `toml:"read_only"`
}

// LoadBuckets reads a file of buckets (TOML) and checks it: folders and environment variables must exist, and a
// file with secrets must not be readable by other users. It asks no server.
func LoadBuckets(name string) (*Buckets, error) {
	b, err := loadBuckets(name)
	if err != nil {
		return nil, fmt.Errorf("buckets file %s: %w", name, err)
	}
	return b, nil
}

func loadBuckets(name string) (*Buckets, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var file bucketsFile
	if err := decodeStrictly(text, &file); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(file.Buckets, func(e bucketEntry) bool { return e.Secret != "" }) {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o007 != 0 {
			return nil, errors.Join(err, errors.New("it contains a secret and other users can read it: run chmod 600, or name an environment variable in secret_access_key_env"))
		}
	}
	b := &Buckets{folders: map[string]*folder{}}
	for i, e := range file.Buckets {
		options, err := e.options()
		if err != nil {
			return nil, fmt.Errorf("bucket %d (%q): %w", i+1, e.Name, err)
		}
		b.servers = append(b.servers, &server{pattern: e.Name, options: options})
	}
	for i, e := range file.Folders {
		if err := b.addFolder(e); err != nil {
			return nil, errors.Join(fmt.Errorf("folder %d (%q): %w", i+1, e.Name, err), b.Close())
		}
	}
	return b, nil
}

// decodeStrictly reads TOML and refuses keys that the shape lacks; the error says where.
func decodeStrictly(text []byte, into any) error {
	err := toml.NewDecoder(strings.NewReader(string(text))).DisallowUnknownFields().Decode(into)
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		line, _ := unknown.Errors[0].Position()
		return fmt.Errorf("line %d: there is no setting %q", line, strings.Join(unknown.Errors[0].Key(), "."))
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, column := wrong.Position()
		return fmt.Errorf("line %d, column %d: %w", line, column, err)
	}
	return err
}

// options returns the options of an entry.
func (e *bucketEntry) options() (Options, error) {
	o := Options{Region: e.Region, EndpointURL: e.Endpoint, EndpointIsGiven: true, PathStyle: e.PathStyle, Profile: e.Profile}
	if _, err := path.Match(e.Name, "x"); err != nil || e.Name == "" {
		return o, errors.New("name: must be a bucket name or a pattern with * ? [a-z]")
	}
	if strings.HasPrefix(e.Name, FolderPrefix) {
		return o, fmt.Errorf("name: names that begin with %s are reserved for folders", FolderPrefix)
	}
	for _, url := range []string{e.Endpoint, e.STS} {
		if err := checkEndpoint(url); err != nil {
			return o, err
		}
	}
	switch {
	case e.Role != "":
		o.Role = &Role{ARN: e.Role, ExternalID: e.ExternalID, STSEndpointURL: e.STS}
	case e.ExternalID != "", e.STS != "":
		return o, errors.New("external_id and sts_endpoint need assume_role")
	}
	var err error
	o.Credentials, err = e.credentials()
	if o.Credentials != nil && e.Profile != "" {
		return o, errors.New("set either a profile or an access key, not both")
	}
	return o, err
}

// credentials returns those of an entry, nil if it has none: then the usual ones are used.
func (e *bucketEntry) credentials() (*Credentials, error) {
	var c Credentials
	for _, part := range []struct {
		value, variable string
		to              *string
	}{{e.KeyID, e.KeyIDFrom, &c.AccessKeyID}, {e.Secret, e.SecretFrom, &c.SecretAccessKey}, {e.Token, e.TokenFrom, &c.SessionToken}} {
		*part.to = part.value
		if part.variable == "" {
			continue
		}
		if part.value != "" {
			return nil, fmt.Errorf("set either the environment variable %s or the value itself, not both", part.variable)
		}
		if *part.to = os.Getenv(part.variable); *part.to == "" {
			return nil, fmt.Errorf("the environment variable %s is not set", part.variable)
		}
	}
	switch {
	case c == Credentials{}:
		return nil, nil
	case c.AccessKeyID == "" || c.SecretAccessKey == "":
		return nil, errPartialCredentials
	}
	return &c, nil
}

// folderName matches names of folders that form a bucket's name with FolderPrefix before them.
var folderName = lazyregexp.New(`^[a-z0-9]([a-z0-9.-]{0,55}[a-z0-9])?$`)

func (b *Buckets) addFolder(e folderEntry) error {
	switch {
	case !folderName().MatchString(e.Name):
		return errors.New("name: must have at most 57 lowercase letters, digits, dots, and hyphens")
	case b.folders[e.Name] != nil:
		return errors.New("another folder has the same name")
	case !filepath.IsAbs(e.Path):
		return fmt.Errorf("path %q: must be absolute", e.Path)
	}
	at, err := filepath.EvalSymlinks(e.Path)
	if err != nil {
		return err
	}
	f, err := openFolder(at, e.ReadOnly)
	if err != nil {
		return err
	}
	b.folders[e.Name] = f
	b.places = append(b.places, at)
	return nil
}

// CheckApart returns an error if one of the folders is, contains or lies in from. No caller may write to the lake
// through a bucket.
func (b *Buckets) CheckApart(from string) error {
	if b == nil {
		return nil
	}
	if at, err := filepath.EvalSymlinks(from); err == nil {
		from = at
	}
	for _, at := range b.places {
		if isWithin(at, from) || isWithin(from, at) {
			return fmt.Errorf("buckets file: the folder %s overlaps the lake's folder %s", at, from)
		}
	}
	return nil
}

func isWithin(inner, outer string) bool {
	relative, err := filepath.Rel(outer, inner)
	return err == nil && (relative == "." || filepath.IsLocal(relative))
}

// Find returns the storage of a bucket. region is where the bucket is if its server's entry does not say; "" is the
// usual one. If no storage serves the name, the error is an *Error that is ErrNoSuchBucket.
func (b *Buckets) Find(ctx context.Context, bucket, region string) (Storage, error) {
	if b == nil {
		return nil, unknownBucket(bucket)
	}
	name, isFolder := strings.CutPrefix(bucket, FolderPrefix)
	if isFolder && !b.anyName {
		if f := b.folders[name]; f != nil {
			return f, nil
		}
		return nil, unknownBucket(bucket)
	}
	for _, s := range b.servers {
		if matched, _ := path.Match(s.pattern, bucket); matched {
			return s.client(ctx, region)
		}
	}
	return nil, unknownBucket(bucket)
}

func unknownBucket(name string) error {
	return &Error{Op: "find", URL: Scheme + name, Code: "NoSuchBucket", Err: ErrNoSuchBucket, Hint: "it is not in the buckets file", reason: ErrNoSuchBucket}
}

// client returns the client for buckets of a region, the same one for each call.
func (s *server) client(ctx context.Context, region string) (Storage, error) {
	options := s.options
	if options.Region == "" {
		options.Region = region
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clients[options.Region]; c != nil {
		return c, nil
	}
	c, err := NewClient(ctx, options)
	if err != nil {
		return nil, err
	}
	if s.clients == nil || len(s.clients) == maxClients {
		s.clients = map[string]*Client{}
	}
	s.clients[options.Region] = c
	return c, nil
}

// Close closes the folders. The buckets must not be used afterwards.
func (b *Buckets) Close() error {
	if b == nil {
		return nil
	}
	var errs []error
	for _, f := range b.folders {
		errs = append(errs, f.root.Close())
	}
	return errors.Join(errs...)
}
