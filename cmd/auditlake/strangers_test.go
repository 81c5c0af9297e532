package main_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/require"
)

// strangersRequests are the ways in which a client without a key can hold a connection.
var strangersRequests = []struct{ name, text string }{
	{"slow bodies of unsigned calls", "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50000\r\n\r\n{"},
	{"slow bodies of calls with a wrong signature", "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50000\r\n" +
		"X-Amz-Target: CloudTrail_20131101.ListEventDataStores\r\nX-Amz-Date: %[1]s\r\nAuthorization: AWS4-HMAC-SHA256 Credential=" +
		loadKeyID + "/%.8[1]s/us-east-1/cloudtrail/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=" +
		"0000000000000000000000000000000000000000000000000000000000000000\r\n\r\n{"},
	{"slow statements", "POST /v1/statement HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Trino-User: x\r\nContent-Length: 50000\r\n\r\nS"},
	{"slow sign-ins", "POST /console/api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"},
	{"slow bodies of refused metrics", "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50000\r\n\r\nx"},
	{"slow headers", "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "},
	{"idle connections", "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"},
	{"silent connections", ""},
}

// TestStrangersBesideClients: while connections that no key authenticates want more than the server has, /health and a client
// that signs are answered. The connections follow the limit of open files, which is lower than what the strangers open.
// make soak runs it with AUDITLAKE_STRANGERS connections of each kind, the usual limit, and a bar of a second.
func TestStrangersBesideClients(t *testing.T) {
	text, isSoak := os.LookupEnv("AUDITLAKE_STRANGERS")
	if !isSoak {
		var texts []string
		for _, request := range strangersRequests {
			texts = append(texts, request.text)
		}
		besideStrangers(t, serveStrangers(t, "100"), 100, 1, 20*time.Second, texts...)
		return
	}
	strangers, err := strconv.Atoi(text)
	require.NoError(t, err)
	address := serveStrangers(t, "unlimited")
	for _, request := range strangersRequests {
		t.Run(request.name, func(t *testing.T) { besideStrangers(t, address, strangers, 100, time.Second, request.text) })
	}
}

// serveStrangers starts a server that may have openFiles files open.
func serveStrangers(t *testing.T, openFiles string) (address string) {
	program, lake := buildProgram(t), filepath.Join(t.TempDir(), "lake")
	got := execute(t, exec.Command(program, "--lake", lake, "import", generated(t, 5, 500)))
	require.Equal(t, 0, got.code, got.err)
	script := `[ "$1" = unlimited ] || ulimit -n "$1"; exec "$2" --lake "$3" serve --listen 127.0.0.1:0 --require-keys`
	server := exec.Command("sh", "-c", script, "sh", openFiles, program, lake)
	server.Env = append(os.Environ(), "AUDITLAKE_ROOT_ACCESS_KEY_ID="+loadKeyID, "AUDITLAKE_ROOT_SECRET_ACCESS_KEY="+loadSecret)
	return startServer(t, server)
}

// besideStrangers asks in rounds, each answer within bar, beside connections that send one of the texts each.
func besideStrangers(t *testing.T, address string, strangers, rounds int, bar time.Duration, texts ...string) {
	crowd := gather(address, strangers, texts)
	defer crowd.leave()
	slowest := time.Duration(0)
	for range rounds {
		for _, ask := range []func(string, time.Duration) error{askHealth, askSigned, askStatement} {
			start := time.Now()
			require.NoError(t, ask(address, bar))
			slowest = max(slowest, time.Since(start))
		}
	}
	t.Logf("%d connections, opened %d times: the slowest of %d answers took %s", strangers, crowd.count(), 3*rounds, slowest)
}

// crowd are connections that send the beginning of a request, then a byte now and then, and come again when they are closed.
type crowd struct {
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	mu     sync.Mutex
	opened int // mu
}

// comeAgainAfter leaves some of the processors to those whom the test measures.
const comeAgainAfter = 100 * time.Millisecond

// gather opens connections that send one of the texts each, and returns when each has been open once.
func gather(address string, connections int, texts []string) *crowd {
	c, now := &crowd{}, time.Now().UTC().Format("20060102T150405Z")
	c.ctx, c.cancel = context.WithCancel(context.Background())
	var first sync.WaitGroup
	for i := range connections {
		text := fmt.Sprintf(texts[i%len(texts)]+"%.0[1]s", now)
		first.Add(1)
		c.work.Go(func() {
			came := sync.OnceFunc(first.Done)
			defer came()
			for c.ctx.Err() == nil {
				c.hold(address, text, came)
				time.Sleep(comeAgainAfter)
			}
		})
	}
	first.Wait()
	return c
}

// hold keeps one connection until it is closed.
func (c *crowd) hold(address, text string, came func()) {
	conn, err := (&net.Dialer{}).DialContext(c.ctx, "tcp", address)
	if err != nil {
		return
	}
	defer conn.Close()
	defer context.AfterFunc(c.ctx, func() { conn.Close() })()
	c.mu.Lock()
	c.opened++
	c.mu.Unlock()
	_, err = io.WriteString(conn, text)
	came()
	for err == nil {
		_ = conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond)) // a connection that is closed says so when it is read
		_, err = conn.Read(make([]byte, 4096))
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			err = nil
			if len(text) > 0 && text[len(text)-1] != '\n' {
				_, err = io.WriteString(conn, "x")
			}
		}
	}
}

func (c *crowd) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.opened
}

func (c *crowd) leave() {
	c.cancel()
	c.work.Wait()
}

// askOnce asks over a connection of its own.
func askOnce(r *http.Request, bar time.Duration) error {
	client := &http.Client{Timeout: bar, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s %s %w", r.URL.Path, response.Status, text, err)
	}
	return nil
}

func askHealth(address string, bar time.Duration) error {
	r, err := http.NewRequest(http.MethodGet, "http://"+address+"/health", nil)
	if err != nil {
		return err
	}
	return askOnce(r, bar)
}

func askStatement(address string, bar time.Duration) error {
	r, err := http.NewRequest(http.MethodPost, "http://"+address+"/v1/statement", bytes.NewBufferString("SELECT 1"))
	if err != nil {
		return err
	}
	r.SetBasicAuth(loadKeyID, loadSecret)
	return askOnce(r, bar)
}

func askSigned(address string, bar time.Duration) error {
	body := []byte("{}")
	r, err := http.NewRequest(http.MethodPost, "http://"+address+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "CloudTrail_20131101.ListEventDataStores")
	hash := sha256.Sum256(body)
	key := aws.Credentials{AccessKeyID: loadKeyID, SecretAccessKey: loadSecret}
	if err := v4.NewSigner().SignHTTP(context.Background(), key, r, hex.EncodeToString(hash[:]), "cloudtrail", "us-east-1", time.Now()); err != nil {
		return err
	}
	return askOnce(r, bar)
}
