package awsapi_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/server/awsapi/model"
)

// The ids of what the captured requests name.
const (
	capturedStore    = "6a2f0b4e-11d7-4f0a-9a5e-2c8d7e1f3b90"
	capturedInsights = "b7d1c9aa-52e3-4c6f-8e0b-91f4a6d2c713"
	capturedChannel  = "0f9d2c47-3b1e-4a68-b5c0-7d8e9f1a2b3c"
	capturedQuery    = "3c5b7a91-8e2d-4f60-a1b3-d4c5e6f70819"
	capturedImport   = "5d6e7f80-91a2-4b3c-8d4e-5f6071829304"
)

// uuids are random, or all the one that a test wants for what it is about to make. TestMain makes them those of the process.
type uuids struct {
	mu     sync.Mutex
	wanted *uuid.UUID // mu; nil: random
}

var processIDs uuids

// Read implements io.Reader.
func (u *uuids) Read(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.wanted == nil {
		return rand.Read(p)
	}
	return copy(p, u.wanted[:]), nil
}

// giveID makes something that gets an id of the captured requests.
func giveID(id string, make func()) {
	wanted := uuid.MustParse(id)
	set := func(id *uuid.UUID) {
		processIDs.mu.Lock()
		defer processIDs.mu.Unlock()
		processIDs.wanted = id
	}
	set(&wanted)
	defer set(nil)
	make()
}

// refusedCaptures are the captured requests, by id or operation, that are refused for now, and with which error. Whoever builds an operation takes it off
// this list, and says in captureNeeds how what it names is made.
var refusedCaptures = map[string]string{
	"boto3-start_query-3-a": "UnrecognizedClientException", // it has a session token, which is none of the lake's

	"RegisterOrganizationDelegatedAdmin": "OrganizationsNotInUseException", "DeregisterOrganizationDelegatedAdmin": "OrganizationsNotInUseException",

	"CreateDashboard": "ValidationException", // its widget has no View, which the guide demands
}

// captureNeeds make what the requests of an operation name, in a lake that has nothing else.
var captureNeeds = map[string]func(f *fixture){
	"AddTags":                     needStore,
	"RemoveTags":                  needStore,
	"ListTags":                    needChannel,
	"CreateChannel":               needActivityStore,
	"GetChannel":                  needChannel,
	"ListChannels":                needChannel,
	"UpdateChannel":               needChannel,
	"DeleteChannel":               needChannel,
	"PutAuditEvents":              needChannel,
	"PutResourcePolicy":           needChannel,
	"GetResourcePolicy":           needChannelPolicy,
	"DeleteResourcePolicy":        needChannelPolicy,
	"UpdateEventDataStore":        needStore,
	"GetEventDataStore":           needStore,
	"DeleteEventDataStore":        needStore,
	"StopEventDataStoreIngestion": needStore,
	"RestoreEventDataStore": func(f *fixture) {
		needStore(f)
		f.get("DeleteEventDataStore", of("EventDataStore", capturedStore))
	},
	"StartEventDataStoreIngestion": func(f *fixture) {
		needStore(f)
		f.get("StopEventDataStoreIngestion", of("EventDataStore", capturedStore))
		f.waitForStore("STOPPED_INGESTION")
	},
	"StartQuery": func(f *fixture) {
		f.serveBuckets("amzn-s3-demo-bucket")
		needStore(f)
	},
	"DescribeQuery":   needQuery,
	"GetQueryResults": needQuery,
	"ListQueries":     needQuery,
	"CancelQuery": func(f *fixture) {
		needStore(f)
		f.push(capturedStore, 1) // the query is over nothing otherwise, and ends
		giveID(capturedQuery, func() { f.start(strings.Replace(heavy, " FROM ", " FROM "+capturedStore+", ", 1)) })
	},
	"EnableFederation": needStore,
	"DisableFederation": func(f *fixture) {
		needStore(f)
		f.get("EnableFederation", of("EventDataStore", capturedStore, "FederationRoleArn", "arn:aws:iam::123456789012:role/fed"))
	},
	"PutEventConfiguration": needStore,
	"GetEventConfiguration": needStore,
	"PutInsightSelectors":   needInsightsStores,
	"GetInsightSelectors": func(f *fixture) {
		needInsightsStores(f)
		f.get("PutInsightSelectors", of("EventDataStore", capturedStore, "InsightsDestination", capturedInsights, "InsightSelectors", []any{of("InsightType", "ApiCallRateInsight")}))
	},
	"ListInsightsData":  needTrail,
	"UpdateTrail":       needTrail,
	"GetTrail":          needTrail,
	"DescribeTrails":    needTrail,
	"ListTrails":        needTrail,
	"GetTrailStatus":    needTrail,
	"StartLogging":      needTrail,
	"StopLogging":       needTrail,
	"DeleteTrail":       needTrail,
	"PutEventSelectors": needTrail,
	"GetEventSelectors": needTrail,

	"GenerateQuery":         needStore,
	"CreateDashboard":       needStore,
	"GetDashboard":          needDashboard,
	"UpdateDashboard":       needDashboard,
	"DeleteDashboard":       needDashboard,
	"ListDashboards":        needDashboard,
	"StartDashboardRefresh": needDashboard,

	"GetImport":          needImport,
	"ListImports":        needImport,
	"ListImportFailures": needImport,
	"StopImport":         needRunningImport,
	"StartImport":        needBucket,
}

func needStore(f *fixture) {
	giveID(capturedStore, func() { f.newStore("main", "TerminationProtectionEnabled", false) })
	f.waitForStore("ENABLED")
}

func needInsightsStores(f *fixture) {
	needStore(f)
	insights := []any{of("FieldSelectors", []any{of("Field", "eventCategory", "Equals", []any{"Insight"})})}
	giveID(capturedInsights, func() { f.newStore("insights", "AdvancedEventSelectors", insights) })
}

func needTrail(f *fixture) {
	f.get("CreateTrail", of("Name", "main-trail", "S3BucketName", "amzn-s3-demo-bucket"))
}

func needActivityStore(f *fixture) { giveID(capturedStore, func() { f.newActivityStore("main") }) }

func needChannel(f *fixture) {
	needActivityStore(f)
	giveID(capturedChannel, func() { f.newChannel(capturedStore) })
}

func needChannelPolicy(f *fixture) {
	needChannel(f)
	f.get("PutResourcePolicy", of("ResourceArn", channelARN(capturedChannel), "ResourcePolicy", channelPolicy("", "*", "")))
}

// waitForStore waits until the captured requests' store has a status.
func (f *fixture) waitForStore(status string) {
	f.Helper()
	require.Eventually(f, func() bool {
		return f.get("GetEventDataStore", of("EventDataStore", capturedStore))["Status"] == status
	}, time.Minute, time.Millisecond)
}

func needQuery(f *fixture) {
	needStore(f)
	f.push(capturedStore, 3)
	giveID(capturedQuery, func() { f.start("SELECT eventID, eventTime FROM " + capturedStore) })
	f.wait(capturedQuery, "FINISHED")
}

func needDashboard(f *fixture) {
	needStore(f)
	f.get("CreateDashboard", of("Name", "ops-board", "Widgets", []any{barWidget(capturedStore)}))
}

func needImport(f *fixture) {
	needStore(f)
	logs := f.TempDir()
	text := fmt.Sprintf(`{"Records":[{"eventTime":%q,"eventID":"a"},{"eventTime":"never"}]}`, f.clock.Now().Add(-time.Hour).Format(time.RFC3339))
	require.NoError(f, os.WriteFile(filepath.Join(logs, "a.json"), []byte(text), 0o600))
	giveID(capturedImport, func() {
		_, err := f.lake.Imports().Run(context.Background(), engine.ImportOptions{Store: capturedStore, Paths: []string{logs}})
		require.NoError(f, err)
	})
}

// needBucket makes the bucket that imports name, with a log file.
func needBucket(f *fixture) {
	backend := s3mem.New()
	require.NoError(f, backend.CreateBucket("amzn-s3-demo-bucket"))
	_, err := backend.PutObject("amzn-s3-demo-bucket", "AWSLogs/123456789012/CloudTrail/a.json", map[string]string{}, strings.NewReader("{}"), 2, nil)
	require.NoError(f, err)
	bucket := httptest.NewServer(gofakes3.New(backend).Server())
	f.Cleanup(bucket.Close)
	f.knowBuckets(fmt.Sprintf("[[bucket]]\nname = \"*\"\nendpoint = %q\naccess_key_id = \"k\"\nsecret_access_key = \"s\"", bucket.URL))
	needStore(f)
}

// needRunningImport starts an import from a bucket that lists its files and never sends one.
func needRunningImport(f *fixture) {
	needStore(f)
	backend := s3mem.New()
	require.NoError(f, backend.CreateBucket("amzn-s3-demo-bucket"))
	_, err := backend.PutObject("amzn-s3-demo-bucket", "AWSLogs/a.json", map[string]string{}, strings.NewReader("{}"), 2, nil)
	require.NoError(f, err)
	files, asked := gofakes3.New(backend).Server(), make(chan struct{}, 10)
	bucket := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, ".json") {
			files.ServeHTTP(w, r)
			return
		}
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	f.Cleanup(bucket.Close)
	ended := make(chan error, 1)
	f.Setenv("AWS_ACCESS_KEY_ID", rootID)
	f.Setenv("AWS_SECRET_ACCESS_KEY", secret)
	storage := engine.ObjectStorage{EndpointURL: bucket.URL, Region: region}
	giveID(capturedImport, func() {
		go func() {
			_, err := f.lake.Imports().Run(context.Background(), engine.ImportOptions{Store: capturedStore, Paths: []string{"s3://amzn-s3-demo-bucket/AWSLogs"}, Storage: storage})
			ended <- err
		}()
		select {
		case <-asked:
		case err := <-ended:
			require.NoError(f, err, "the import ends")
		}
	})
	f.Cleanup(func() { require.ErrorIs(f, <-ended, engine.ErrImportStopped) })
}

// captured is a request that a stock client sent.
type captured struct {
	ID, Operation, Method, Path, Body string
	Headers                           [][2]string
}

func readCaptured(t *testing.T) (requests []captured) {
	in, err := os.Open(material.Own(t, "aws/requests.jsonl"))
	require.NoError(t, err)
	defer in.Close()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c captured
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		requests = append(requests, c)
	}
	require.NoError(t, lines.Err())
	return requests
}

// request returns the request as a server reads it, its service and its time.
func (c *captured) request(t *testing.T) (r *http.Request, service string, at time.Time) {
	r = httptest.NewRequest(c.Method, "http://127.0.0.1:8123"+c.Path, strings.NewReader(c.Body))
	for _, h := range c.Headers {
		if h[0] != "Host" && h[0] != "Content-Length" {
			r.Header.Set(h[0], h[1])
		}
	}
	service = model.CloudTrail
	if c.Path != "/" {
		service = model.CloudTrailData
	}
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	require.NoError(t, err)
	return r, service, at
}

// refusal is the error that a request is answered with for now; "": none.
func (c *captured) refusal() string {
	if code := refusedCaptures[c.ID]; code != "" {
		return code
	}
	return refusedCaptures[c.Operation]
}

// TestCapturedRequests: each request that a stock client sent, as it was signed, succeeds in a lake that has what it names, with an answer of the operation's
// shape. Those that do not are listed, and with their error.
func TestCapturedRequests(t *testing.T) {
	if testing.Short() {
		t.Skip("one request after the other; the unit stage runs it")
	}
	requests := readCaptured(t)
	require.Greater(t, len(requests), 70)
	operations := map[string]bool{}
	for _, c := range requests {
		operations[c.Operation], operations[c.ID] = true, true
		t.Run(c.ID, func(t *testing.T) {
			r, service, at := c.request(t)
			f := newFixture(t)
			f.clock.Set(at)
			if need := captureNeeds[c.Operation]; need != nil {
				need(f)
			}
			w := f.serve(r)
			require.Equal(t, c.refusal(), w.Header().Get("x-amzn-ErrorType"), "refusedCaptures says otherwise: %s", w.Body)
			if c.refusal() != "UnrecognizedClientException" {
				f.checkAnswer(service, c.Operation, w)
			}
		})
	}
	for name := range refusedCaptures {
		require.Contains(t, operations, name)
	}
	for name := range captureNeeds {
		require.Contains(t, operations, name)
	}
}
