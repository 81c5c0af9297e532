package parse

import (
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// keyword is a word of the grammar. A reserved word must be quoted as an identifier.
type keyword struct {
	word     string // in upper case, one string shared by all tokens of the word
	reserved bool
}

// maxKeywordBytes is at least the length of the longest keyword.
const maxKeywordBytes = 24

// keywords maps each word, in upper case, to its keyword.
var keywords = buildKeywords()

// The words that are not reserved are those of Trino 476, like types.ReservedWords.
const nonReservedWords = `
ABSENT ADD ADMIN AFTER ALL ANALYZE ANY ARRAY ASC AT AUTHORIZATION BEGIN BERNOULLI BOTH CALL
CALLED CASCADE CATALOG CATALOGS COLLATE COLUMN COLUMNS COMMENT COMMIT COMMITTED CONDITIONAL
COPARTITION CORRESPONDING COUNT CURRENT DATA DATE DAY DECLARE DEFAULT DEFINE DEFINER DENY DESC
DESCRIPTOR DETERMINISTIC DISTRIBUTED DO DOUBLE ELSEIF EMPTY ENCODING ERROR EXCLUDING EXECUTE
EXPLAIN FETCH FILTER FINAL FIRST FOLLOWING FORMAT FUNCTION FUNCTIONS GRACE GRANT GRANTED GRANTS
GRAPHVIZ GROUPS HOUR IF IGNORE IMMEDIATE INCLUDING INITIAL INPUT INTERVAL INVOKER IO ISOLATION
ITERATE JSON KEEP KEY KEYS LANGUAGE LAST LATERAL LEADING LEAVE LEVEL LIMIT LOCAL LOGICAL LOOP
MAP MATCH MATCHED MATCHES MATCH_RECOGNIZE MATERIALIZED MEASURES MERGE MINUTE MONTH NESTED NEXT
NFC NFD NFKC NFKD NO NONE NULLIF NULLS OBJECT OF OFFSET OMIT ONE ONLY OPTION ORDINALITY OUTPUT
OVER OVERFLOW PARTITION PARTITIONS PASSING PAST PATH PATTERN PER PERIOD PERMUTE PLAN POSITION
PRECEDING PRECISION PRIVILEGES PROPERTIES PRUNE QUOTES RANGE READ REFRESH RENAME REPEAT
REPEATABLE REPLACE RESET RESPECT RESTRICT RETURN RETURNING RETURNS REVOKE ROLE ROLES ROLLBACK
ROW ROWS RUNNING SCALAR SCHEMA SCHEMAS SECOND SECURITY SEEK SERIALIZABLE SESSION SET SETS SHOW
SOME SORT START STATS STRING SUBSET SUBSTRING SYSTEM TABLES TABLESAMPLE TEXT TIES TIME
TIMESTAMP TO TRAILING TRANSACTION TRUNCATE TRY TRY_CAST TYPE UNBOUNDED UNCOMMITTED
UNCONDITIONAL UNIQUE UNKNOWN UNMATCHED UNTIL UPDATE USE USER UTF16 UTF32 UTF8 VALIDATE VALUE
VERBOSE VERSION VIEW WHILE WINDOW WITHIN WITHOUT WORK WRAPPER WRITE YEAR ZONE`

func buildKeywords() map[string]keyword {
	table := make(map[string]keyword, 320)
	for _, word := range strings.Fields(types.ReservedWords) {
		table[word] = keyword{word: word, reserved: true}
	}
	for _, word := range strings.Fields(nonReservedWords) {
		table[word] = keyword{word: word}
	}
	return table
}

// lookupKeyword returns the keyword for text in any letter case.
func lookupKeyword(text string) (keyword, bool) {
	if len(text) > maxKeywordBytes {
		return keyword{}, false
	}
	var upper [maxKeywordBytes]byte
	for i := 0; i < len(text); i++ {
		c := text[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		upper[i] = c
	}
	k, ok := keywords[string(upper[:len(text)])]
	return k, ok
}

// IsReserved reports whether word, in any letter case, must be quoted as an identifier.
func IsReserved(word string) bool {
	k, ok := lookupKeyword(word)
	return ok && k.reserved
}
