package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shortStatements take what their names say of a server that has nothing else to do.
var shortStatements = []struct {
	name       string
	statements []string
}{
	{"a few milliseconds", []string{
		"SELECT count(*) FROM main",
		"SELECT eventname, count(*) FROM main GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10",
		"SELECT eventid, eventtime FROM main ORDER BY eventtime DESC LIMIT 20",
		"SELECT count(*) FROM main WHERE errorcode IS NOT NULL",
	}},
	{"ten to fifty milliseconds", []string{
		"SELECT count(DISTINCT eventid || CAST(n AS varchar)) FROM main CROSS JOIN UNNEST(sequence(1, 10)) AS u (n)",
		"SELECT max(r) FROM (SELECT row_number() OVER (PARTITION BY eventname ORDER BY eventid, n) r FROM main CROSS JOIN UNNEST(sequence(1, 12)) AS u (n))",
	}},
}

// greedyStatements take all the processors and memory that they get.
var greedyStatements = []string{
	"SELECT max(r) FROM (SELECT row_number() OVER (ORDER BY eventjson, n) r FROM main CROSS JOIN UNNEST(sequence(1, 100)) AS u (n))",
	"SELECT array_agg(rpad(eventid, 100000, 'y')) FROM main CROSS JOIN UNNEST(sequence(1, 100)) AS u (n)",
	"SELECT count(*) FROM (SELECT eventid || CAST(n AS varchar), count(*) FROM main CROSS JOIN UNNEST(sequence(1, 500)) AS u (n) GROUP BY 1)",
	"SELECT max(a.eventname || b.eventname) FROM main a JOIN main b ON a.awsregion = b.awsregion",
	"SELECT count(*) FROM UNNEST(sequence(1, 1000)) AS u(n) WHERE try(regexp_count(rpad(CAST(n AS varchar), 1000000, 'ab'), '(?=a)(?:a|b)*+[cd]')) IS NULL",
	"SELECT zip(sequence(1, 10000), sequence(n, n + 9000), sequence(n, n + 9999)) FROM UNNEST(sequence(1, 10000)) AS u(n)",
	"SELECT histogram(eventjson || CAST(n AS varchar)) FROM main CROSS JOIN UNNEST(sequence(1, 100)) AS u(n)",
}

// TestShortQuestionsBesideGreedyOnes: 99 of 100 times a short question is answered within four times what it takes on an idle server,
// while clients of another user ask for all that the server has, also more of them than there are turns. It takes a quiet machine: AUDITLAKE_BESIDE is how many questions are asked.
func TestShortQuestionsBesideGreedyOnes(t *testing.T) {
	text, isSoak := os.LookupEnv("AUDITLAKE_BESIDE")
	if !isSoak {
		t.Skip("make soak runs it")
	}
	asked, err := strconv.Atoi(text)
	require.NoError(t, err)
	program, lake := buildProgram(t), filepath.Join(t.TempDir(), "lake")
	got := execute(t, exec.Command(program, "--lake", lake, "import", generated(t, 5, 5000)))
	require.Equal(t, 0, got.code, got.err)
	server := exec.Command(program, "--lake", lake, "serve", "--listen", "127.0.0.1:0")
	server.Env = os.Environ()
	address := startServer(t, server)
	ask := func(user, sql string) (failed string) {
		failed, err := askTrino(address, user, sql)
		if err != nil {
			t.Error(err)
		}
		return failed
	}
	measure := func(statements []string) (median, p99 time.Duration) {
		var took []time.Duration
		for i := range asked {
			start := time.Now()
			require.Empty(t, ask("analyst", statements[i%len(statements)]))
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		return took[len(took)/2], took[len(took)*99/100]
	}
	for _, short := range shortStatements {
		measure(short.statements) // what the first questions read stays in memory
		idleMedian, idle := measure(short.statements)
		require.LessOrEqual(t, idle, 50*time.Millisecond, "the machine is not quiet")
		for _, greedy := range []int{3, 12} {
			answered, stop := greedyClients(greedy, func(sql string) { ask("greedy", sql) })
			besideMedian, beside := measure(short.statements)
			stop()
			t.Logf("%s: idle: median %s, p99 %s; beside %v greedy statements: median %s, p99 %s, %.1f times", short.name, idleMedian, idle, answered,
				besideMedian, beside, float64(beside)/float64(idle))
			assert.LessOrEqual(t, beside, 4*idle)
		}
	}
}

// greedyClients asks greedy statements until stop is called, each client one after the other; answered is how many each has asked,
// to be read after that.
func greedyClients(number int, ask func(sql string)) (answered []int, stop func()) {
	stopped := make(chan struct{})
	var clients sync.WaitGroup
	answered = make([]int, number)
	for c := range answered {
		clients.Go(func() {
			for i := c; ; i += number {
				select {
				case <-stopped:
					return
				default:
					ask(greedyStatements[i%len(greedyStatements)])
					answered[c]++
				}
			}
		})
	}
	return answered, func() {
		close(stopped)
		clients.Wait()
	}
}

// askTrino sends a statement by Trino's protocol, reads its answer to the end, and returns the name of the error that it ended with.
func askTrino(address, user, sql string) (failed string, err error) {
	request, err := http.NewRequest(http.MethodPost, "http://"+address+"/v1/statement", bytes.NewBufferString(sql))
	for err == nil {
		request.Header.Set("X-Trino-User", user)
		var page struct {
			NextURI string `json:"nextUri"`
			Error   *struct {
				ErrorName string `json:"errorName"`
			} `json:"error"`
		}
		response, failure := http.DefaultClient.Do(request)
		if failure != nil {
			return "", failure
		}
		err = json.NewDecoder(response.Body).Decode(&page)
		err = errors.Join(err, response.Body.Close())
		switch {
		case page.Error != nil:
			return page.Error.ErrorName, err
		case page.NextURI == "":
			return "", err
		case err == nil:
			request, err = http.NewRequest(http.MethodGet, page.NextURI, nil)
		}
	}
	return "", err
}
