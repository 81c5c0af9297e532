package importer

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/storage/object"
)

func deny(w http.ResponseWriter, message string) bool {
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprintf(w, "<Error><Code>AccessDenied</Code><Message>%s</Message></Error>", message)
	return true
}

// isRead reports whether a request reads an object.
func isRead(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, ".json")
}

// TestFirstObjectsDenied: an import of which all of the first objects are denied ends, and says which right is missing.
func TestFirstObjectsDenied(t *testing.T) {
	for _, tt := range []struct{ name, message, want string }{
		{"objects", "Access Denied", "AccessDenied for each of the first 20 objects, so the import stopped: the credentials may list the bucket, but also need s3:GetObject on arn:aws:s3:::logs/* ("},
		{"key", "User: x is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:111122223333:key/k", "need kms:Decrypt on the KMS key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, l := newS3(t), newLake(t, 100)
			for i := range 400 {
				s.put(fmt.Sprintf("2025/03/09/%03d.json", i), logFile(event(strconv.Itoa(i), 1)))
			}
			s.intercept(func(w http.ResponseWriter, r *http.Request) bool { return isRead(r) && deny(w, tt.message) })
			options := Options{Now: now, Concurrency: 4, Workers: 1}
			r, err := Run(t.Context(), l.Lake, l.store, s.source(time.Time{}, time.Time{}, "s3://logs"), options)
			require.ErrorContains(t, err, tt.want)
			require.EqualValues(t, maxFirstDenied, r.Import.Counts.FilesFailed)
			require.Len(t, l.failures(t, r), maxFirstDenied+1, "and the end of the run")
			s.intercept(nil)
			r, _ = l.run(t, s.source(time.Time{}, time.Time{}, "s3://logs"), Options{})
			require.EqualValues(t, 400, r.Import.Counts.Events)
		})
	}
}

// TestBucketStallsAndDenials is an import from a server of which some objects are denied and some stall for ever: all others are
// taken in, and each of those is listed. AUDITLAKE_SLOW_OBJECTS is how many there are, AUDITLAKE_SLOW_OBJECT_BYTES how long each is at least;
// each request then takes half a second.
func TestBucketStallsAndDenials(t *testing.T) {
	objects, latency, stall := 300, time.Duration(0), 4*time.Second
	if n, err := strconv.Atoi(os.Getenv("AUDITLAKE_SLOW_OBJECTS")); err == nil {
		objects, latency, stall = n, time.Second/2, 0
	} else if testing.Short() {
		t.Skip("waits for stalled requests to be given up")
	}
	s, l := newS3(t), newLake(t, 100)
	var err error
	s.buckets, err = object.EveryBucket(t.Context(), object.Options{EndpointURL: s.url, Region: "eu-west-1", StallAfter: stall})
	require.NoError(t, err)
	padding, _ := strconv.Atoi(os.Getenv("AUDITLAKE_SLOW_OBJECT_BYTES"))
	for i := range objects {
		s.put(fmt.Sprintf("2025/03/09/%05d.json", i), logFile(event(strconv.Itoa(i), 1))+strings.Repeat(" ", padding))
	}
	var mu sync.Mutex
	inFlight, most := 0, 0
	count := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		inFlight += n
		most = max(most, inFlight)
	}
	s.intercept(func(w http.ResponseWriter, r *http.Request) bool {
		count(1)
		defer count(-1)
		if latency > 0 {
			time.Sleep(latency)
		}
		if !isRead(r) {
			return false
		}
		number, err := strconv.Atoi(strings.TrimSuffix(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:], ".json"))
		switch {
		case err != nil:
			return false
		case number%100 == 50:
			<-r.Context().Done()
			return true
		case number%20 == 7:
			return deny(w, "Access Denied")
		}
		return false
	})
	start := time.Now()
	r, files := l.run(t, s.source(time.Time{}, time.Time{}, "s3://logs"), Options{})
	took := time.Since(start)
	stalled, denied := objects/100, objects/20
	if latency > 0 {
		bound := time.Duration(1.2*float64(objects-stalled)*float64(latency)/64) + 25*time.Second
		t.Logf("%d objects in %s, at most %d requests in flight, %d MiB of memory at most; with 64 in flight and a fifth more it is %s", objects, took, most, process.PeakBytes()>>20, bound)
		require.LessOrEqual(t, took, bound)
	}
	require.EqualValues(t, objects-stalled-denied, r.Import.Counts.Events)
	require.EqualValues(t, stalled+denied, r.Import.Counts.FilesFailed)
	require.Equal(t, map[string]int64{"ACCESS_DENIED": int64(denied), "UNREADABLE": int64(stalled)}, r.Reasons)
	require.LessOrEqual(t, most, mostRequests+1)
	if latency == 0 {
		for _, f := range files[objects-stalled:] {
			require.Contains(t, f.Object.Key, "50.json", "the objects after those that stall did not wait for them")
		}
	}
}

// TestRequestsInFlight: as many as are asked for, otherwise more with each that is answered.
func TestRequestsInFlight(t *testing.T) {
	a := newAhead(&run{})
	require.Equal(t, firstRequests, a.requests.limit)
	for range 2 * mostRequests {
		require.True(t, a.requests.take())
		a.requests.give(true)
	}
	require.Equal(t, mostRequests, a.requests.limit)
	a.requests.give(false)
	require.Equal(t, mostRequests, a.requests.limit)
	a.requests.end()
	require.False(t, a.requests.take())
	a = newAhead(&run{options: Options{Concurrency: 3}})
	require.Equal(t, 3, a.requests.most)
	require.Equal(t, 3, a.requests.limit)
}
