package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"time"
)

// archived is a file of an archive.
type archived struct {
	name      string // with slashes, below the archive's folder
	content   []byte
	isProgram bool
}

func (f *archived) mode() fs.FileMode {
	if f.isProgram {
		return 0o755
	}
	return 0o644
}

// writeTar writes a compressed tar archive of files in a folder. Times, owners and modes do not come from the file
// system, so the same files make the same bytes.
func writeTar(w io.Writer, folder string, files []archived, at time.Time) error {
	zipped := gzip.NewWriter(w)
	out := tar.NewWriter(zipped)
	for _, f := range files {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: folder + "/" + f.name, Mode: int64(f.mode()), Size: int64(len(f.content)), ModTime: at, Format: tar.FormatUSTAR}
		if err := out.WriteHeader(header); err != nil {
			return err
		}
		if _, err := out.Write(f.content); err != nil {
			return err
		}
	}
	return errors.Join(out.Close(), zipped.Close())
}

// writeZip writes a zip archive, as writeTar does.
func writeZip(w io.Writer, folder string, files []archived, at time.Time) error {
	out := zip.NewWriter(w)
	for _, f := range files {
		header := &zip.FileHeader{Name: folder + "/" + f.name, Method: zip.Deflate, Modified: at}
		header.SetMode(f.mode())
		file, err := out.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := file.Write(f.content); err != nil {
			return err
		}
	}
	return out.Close()
}
