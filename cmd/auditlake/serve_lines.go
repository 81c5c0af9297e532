package main

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server"
)

// endpoint is what clients must know to connect to a server in the state that it is in.
type endpoint struct {
	url, host, port string // that clients on this machine reach
	hasTLS          bool
	trust           server.Trust // of the certificate
	needsKey        bool         // every client shows an access key
	takesSecrets    bool         // clients may send a key's secret, as Trino's do
	region          string
	lakeDir         string
	rootFile        string // the root key in the form of ~/.aws/credentials, "" where there is none
}

// endpointOf describes a server over a lake. needsKey says whether it asks every client for a key.
func endpointOf(f serveFlags, hall *server.Hall, addresses []net.Addr, region string, needsKey bool) endpoint {
	at := addresses[max(0, slices.IndexFunc(addresses, server.IsLoopback))]
	e := endpoint{hasTLS: hall.HasTLS(), needsKey: needsKey, region: region}
	e.host, e.port, _ = net.SplitHostPort(at.String())
	if ip := net.ParseIP(e.host); ip != nil && ip.IsUnspecified() { // a listener's address, which no client can name
		e.host = "127.0.0.1"
	}
	scheme := "http"
	if e.hasTLS {
		scheme = "https"
		e.trust = hall.Trust(e.host)
		if needsKey { // without keys the server answers to loopback names only
			e.host = cmp.Or(e.trust.Name, e.host)
		}
	}
	if base, err := url.Parse(f.hall.BaseURL); err == nil && base.Host != "" && strings.Trim(base.Path, "/") == "" && needsKey {
		scheme, e.host = base.Scheme, base.Hostname()
		e.port = cmp.Or(base.Port(), map[string]string{"http": "80", "https": "443"}[scheme])
		if isProxy := !e.hasTLS && scheme == "https"; isProxy {
			e.hasTLS, e.trust = true, server.Trust{IsPublic: true}
		}
	}
	e.takesSecrets = e.hasTLS || server.IsLoopback(at) && !f.secretsNeedTLS
	e.url = scheme + "://" + net.JoinHostPort(e.host, e.port)
	return e
}

// isUnchecked reports whether clients cannot check the certificate, because it holds none of the names that the
// server answers to.
func (e *endpoint) isUnchecked() bool { return e.hasTLS && !e.needsKey && e.trust.Name != "" }

// caFile is the file of the certificate that clients must be given, "" if they trust it already.
func (e *endpoint) caFile() string {
	if !e.hasTLS || e.trust.IsPublic || e.isUnchecked() {
		return ""
	}
	return cmp.Or(e.trust.File, "CA.pem")
}

const (
	keyVariable    = "AWS_ACCESS_KEY_ID"
	secretVariable = "AWS_SECRET_ACCESS_KEY"
	needsTLSLine   = "sends keys over TLS only: restart auditlake serve with --tls-self-signed"
)

// print writes the lines by which clients connect.
func (e *endpoint) print(out io.Writer) {
	if e.needsKey {
		create := "auditlake --lake " + shellQuoted(e.lakeDir) + " keys create --policy AWSCloudTrail_FullAccess"
		fmt.Fprintf(out, "\n  Clients sign in with an access key; eval \"$(%s)\" creates one and sets $%s and $%s.\n\n",
			create, keyVariable, secretVariable)
	} else {
		fmt.Fprintln(out)
	}
	for _, client := range []struct {
		name  string
		lines []string
	}{{"AWS CLI", e.awsLine()}, {"Trino CLI", e.trinoLine()}, {"Python", e.pythonLines()}, {"JDBC", e.jdbcLine()}} {
		for i, line := range client.lines {
			if i > 0 {
				client.name = ""
			}
			fmt.Fprintf(out, "  %-11s %s\n", client.name, line)
		}
	}
	if e.caFile() == "CA.pem" {
		fmt.Fprint(out, "\n  CA.pem is the certificate of the CA that signed the server's certificate.\n")
	}
}

func (e *endpoint) awsLine() []string {
	line := ""
	if e.rootFile != "" {
		line = "AWS_SHARED_CREDENTIALS_FILE=" + shellQuoted(e.rootFile) + " "
	}
	if file := e.caFile(); file != "" {
		line += "AWS_CA_BUNDLE=" + shellQuoted(file) + " "
	}
	line += "aws --endpoint-url " + e.url
	if e.isUnchecked() {
		line += " --no-verify-ssl"
	}
	return []string{line + " --region " + e.region + " cloudtrail list-event-data-stores"}
}

func (e *endpoint) trinoLine() []string {
	if e.needsKey && !e.hasTLS {
		return []string{needsTLSLine}
	}
	line := "trino --server " + e.url
	if e.needsKey {
		line = "TRINO_PASSWORD=$" + secretVariable + " " + line + " --user $" + keyVariable + " --password"
	}
	if file := e.caFile(); file != "" {
		line += " --truststore-path " + shellQuoted(file)
	}
	if e.isUnchecked() {
		line += " --insecure"
	}
	return []string{line + " --catalog " + engine.CatalogName + " --schema " + engine.SchemaName}
}

func (e *endpoint) pythonLines() []string {
	if e.needsKey && !e.takesSecrets {
		return []string{needsTLSLine}
	}
	var lines []string
	given := fmt.Sprintf("host=%q, port=%s", e.host, e.port)
	if e.hasTLS {
		given += `, http_scheme="https"`
	}
	if file := e.caFile(); file != "" {
		given += fmt.Sprintf(", verify=%q", file)
	}
	if e.isUnchecked() {
		given += ", verify=False"
	}
	environment := fmt.Sprintf("os.environ[%q], os.environ[%q]", keyVariable, secretVariable)
	switch {
	case !e.needsKey:
		given += `, user="me"`
	case e.hasTLS:
		lines = append(lines, "import os, trino; key, secret = "+environment)
		given += ", user=key, auth=trino.auth.BasicAuthentication(key, secret)"
	default: // the client's own authentication refuses to work without TLS
		lines = append(lines, "import os, requests, trino; session = requests.Session(); session.auth = "+environment)
		given += ", user=session.auth[0], http_session=session"
	}
	return append(lines, fmt.Sprintf("trino.dbapi.connect(%s, catalog=%q, schema=%q)", given, engine.CatalogName, engine.SchemaName))
}

func (e *endpoint) jdbcLine() []string {
	if e.needsKey && !e.hasTLS {
		return []string{needsTLSLine}
	}
	user := "user=me"
	if e.needsKey {
		user = "user=KEY&password=SECRET"
	}
	line := fmt.Sprintf("jdbc:trino://%s/%s/%s?%s", net.JoinHostPort(e.host, e.port), engine.CatalogName, engine.SchemaName, user)
	if e.hasTLS {
		line += "&SSL=true"
	}
	if file := e.caFile(); file != "" {
		line += "&SSLTrustStorePath=" + (&url.URL{Path: file}).EscapedPath()
	}
	if e.isUnchecked() {
		line += "&SSLVerification=NONE"
	}
	return []string{line}
}

// shellQuoted returns a text as one word of a shell's command line.
func shellQuoted(text string) string {
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+:@%"
	if text != "" && strings.Trim(text, plain) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// printSelfSigned prints which certificate the server has made, nil for none. If clients cannot trust it yet, it
// also prints that they must be given the certificate.
func printSelfSigned(out io.Writer, made *server.SelfSigned) {
	if made == nil {
		return
	}
	fmt.Fprintf(out, "\n  certificate %s, until %s; SHA-256 %s\n", cmp.Or(made.File, "of this run"), made.NotAfter.Format(time.DateOnly), made.Fingerprint)
	if made.Reason != "" {
		fmt.Fprintf(out, "              It is new, because %s. Give it to clients that trusted the old one.\n",
			made.Reason)
	}
	if made.File == "" {
		fmt.Fprintf(out, "              Save it as CA.pem for clients, which must trust it:\n%s", made.PEM)
	}
}
