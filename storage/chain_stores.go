package storage

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/storage/catalog"
)

// chainedStores replays the chain and returns the resulting records of stores, by id, as JSON.
func chainedStores(tx *catalog.Tx) (map[string]string, error) {
	bodies := map[string]string{}
	for stored, err := range tx.Chain() {
		if err != nil {
			return nil, err
		}
		entry, err := stored.Entry()
		if err != nil {
			continue // verify reports it
		}
		replayStore(bodies, entry)
	}
	return bodies, nil
}

// replayStore applies an entry's changes of stores' records.
func replayStore(bodies map[string]string, entry *catalog.ChainEntry) {
	switch {
	case len(entry.Store) > 0:
		bodies[entry.StoreID] = string(entry.Store)
	case entry.Kind == catalog.ChangeDrop:
		delete(bodies, entry.StoreID)
	}
}

// storeDifference is a store whose record differs from the chain.
type storeDifference struct{ storeID, reason string }

// storeDifferences compares records by id, in JSON, with those of the chain.
func storeDifferences(chained, found map[string]string) []storeDifference {
	all := maps.Clone(chained)
	maps.Copy(all, found)
	var list []storeDifference
	for _, id := range slices.Sorted(maps.Keys(all)) {
		want, isChained := chained[id]
		got, isThere := found[id]
		switch {
		case want == got && isChained == isThere:
		case !isThere:
			list = append(list, storeDifference{id, fmt.Sprintf("the record of event data store %s is gone, and no entry of the chain deleted it", nameIn(want, id))})
		case !isChained:
			list = append(list, storeDifference{id, fmt.Sprintf("no entry of the chain made the event data store %s", nameIn(got, id))})
		default:
			list = append(list, storeDifference{id, fmt.Sprintf("the record of event data store %s is not the one that the chain holds: %s", nameIn(want, id), changedFields(want, got))})
		}
	}
	return list
}

func nameIn(body, id string) string {
	var s catalog.Store
	if json.Unmarshal([]byte(body), &s) != nil || s.Name == "" {
		return id
	}
	return s.Name
}

// changedFields names the members of two JSON objects that differ.
func changedFields(want, got string) string {
	var a, b map[string]json.RawMessage
	if json.Unmarshal([]byte(want), &a) != nil || json.Unmarshal([]byte(got), &b) != nil {
		return "it cannot be read"
	}
	names := maps.Clone(a)
	maps.Copy(names, b)
	var differ []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if string(a[name]) != string(b[name]) {
			differ = append(differ, fmt.Sprintf("%s is %s instead of %s", name, orAbsent(b[name]), orAbsent(a[name])))
		}
	}
	if len(differ) == 0 {
		return "its bytes differ"
	}
	return strings.Join(differ, ", ")
}

func orAbsent(value json.RawMessage) string {
	if value == nil {
		return "absent"
	}
	return string(value)
}
