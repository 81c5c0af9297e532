package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Keys are readable text; a slash ends each part. docs/formats/manifest.md lists them.
const (
	formatKey     = "format"
	manifestKey   = "manifest"
	chainHeadKey  = "chainhead"
	flushedKey    = "flushed"
	adoptingKey   = "adopting"
	logKey        = "log"
	lastUseKey    = "lastuse"
	lastVerifyKey = "lastverify"

	storePrefix    = "store/"
	namePrefix     = "name/"
	segmentPrefix  = "segment/"
	chainPrefix    = "chain/"
	filePrefix     = "file/"
	locationPrefix = "location/"
	importPrefix   = "import/"
	failurePrefix  = "failure/"
	queryPrefix    = "query/"
	// The indexes of queries.
	queryTimePrefix  = "querytime/"
	queryStorePrefix = "querystore/"
	queryUserPrefix  = "queryuser/"
	queryAliasPrefix = "queryalias/"
	queryOpenPrefix  = "queryopen/"
	deliveryPrefix   = "delivery/"
	queryIndexedKey  = "queryindexed"
	queryKeepKey     = "querykeep"

	usagePrefix  = "usage/"
	expiryPrefix = "expiry/"
	tablePrefix  = "table/"
	aliasPrefix  = "alias/"

	accessKeyPrefix  = "accesskey/"
	signingKeyPrefix = "signingkey/"
	trailPrefix      = "trail/"
)

func storeKey(id string) string  { return storePrefix + id }
func nameKey(name string) string { return namePrefix + name }

// Names of aliases are hashed: they may be longer than a key.
func aliasKey(name string) string { return aliasPrefix + hash(name) }

func tableKey(name string) string { return tablePrefix + name }

func trailKey(name string) string { return trailPrefix + name }

func accessKeyKey(id string) string { return accessKeyPrefix + id }

// Signing keys sort by the instant from which they are valid.
func signingKeyKey(k *SigningKey) string {
	return fmt.Sprintf("%s%020d/%s", signingKeyPrefix, max(0, k.ValidFrom.UnixMilli()), k.Fingerprint)
}

func segmentKey(s *Segment) string {
	return segmentPrefix + s.StoreID + "/" + s.Day.String() + "/" + s.Name
}

// Numbers are padded, so that keys sort by number.
func chainKey(number uint64) string { return fmt.Sprintf("%s%020d", chainPrefix, number) }

func fileKey(storeID, contentSHA256 string) string {
	return filePrefix + storeID + "/" + contentSHA256
}

// Locations are hashed: they may be longer than a key.
func locationKey(storeID, location string) string {
	return locationPrefix + storeID + "/" + hash(location)
}

func importKey(id string) string { return importPrefix + id }

// The record number is shifted by one, so that -1, the whole file, sorts first.
func failureKey(f *Failure) string {
	return fmt.Sprintf("%s%s/%s/%010d", failurePrefix, f.ImportID, hash(f.File), f.Record+1)
}

func expiryKey(storeID string) string { return expiryPrefix + storeID }

func queryKey(id string) string { return queryPrefix + id }

func queryOpenKey(id string) string { return queryOpenPrefix + id }

func deliveryKey(queryID string) string { return deliveryPrefix + queryID }

// queryIndexKeys are the keys that find a query by time: among all, among those of each store it read, of its user,
// and of its alias. Users and aliases are hashed: they may be longer than a key.
func queryIndexKeys(q *Query) []string {
	at := queryTime(q.CreatedAt)
	keys := []string{queryTimePrefix + at + "/" + q.ID, queryUserPrefix + hash(q.User) + "/" + at + "/" + q.ID}
	for _, store := range q.StoreIDs {
		keys = append(keys, queryStorePrefix+store+"/"+at+"/"+q.ID)
	}
	if q.Alias != "" {
		keys = append(keys, queryAliasPrefix+hash(q.Alias)+"/"+at+"/"+q.ID)
	}
	return keys
}

// queryTime is an instant as text that sorts by time, to the millisecond.
func queryTime(at time.Time) string { return fmt.Sprintf("%020d", max(0, at.UnixMilli())) }

func usageKey(storeID string, day Day) string {
	return usagePrefix + storeID + "/" + day.String()
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
