package generate

import (
	"regexp"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/lazyregexp"
)

var (
	resourceTag      = phrase(`resource tag '?"?([a-z0-9_.:/=+@-]+)'?"? (?:(?:has|with|is|equals|of)(?: the)? ?(?:value )?|= ?|set to )'?"?([a-z0-9_.:/=+@-]+)'?"?`)
	byResourceTag    = phrase(`resource tag '?"?([a-z0-9_.:/=+@-]+)'?"?`)
	principalTag     = phrase(`principal tag '?"?([a-z0-9_.:/=+@-]+)'?"? (?:(?:has|with|is|equals|of)(?: the)? ?(?:value )?|= ?|set to )'?"?([a-z0-9_.:/=+@-]+)'?"?`)
	byPrincipalTag   = phrase(`(?:by |per |each )?principal tag '?"?([a-z0-9_.:/=+@-]+)'?"?`)
	calledPrincipal  = phrase(`(?:the )?([a-z0-9_-]+) is a principal tag`)
	stack            = phrase(`(?:aws )?(?:cloudformation )?stack (?:with )?(?:name |named |called )?'?"?([a-z0-9-]+)'?"?`)
	addressLiteral   = phrase(`(?:ip )?(?:address )?(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})`)
	regionLiteral    = phrase(`(outside(?: of)?|(?:not|except|excluding|other than)(?: in| from| those (?:in|from))?)? ?(?:region )?((?:us|eu|ap|sa|ca|me|af|il|cn)(?:-gov|-iso)?-[a-z]+-\d)(?: region)?`)
	fromAccount      = phrase(`(?:from|by)(?: the)? account (\d{12})`)
	accountLiteral   = phrase(`(?:account )?(\d{12})`)
	keyLiteral       = phrase(`(?:access )?(?:key )?((?:akia|asia)[a-z0-9]{12,28})`)
	arnLiteral       = compiledLater(`\barn:aws[a-z-]*:[a-z0-9:/._@+=-]+`)
	userNamed        = phrase(`(?:by |the |iam )*user(?:name)? (?:named |called )?'?"?([a-z0-9_.@+=-]+)'?"?`)
	bucketNamed      = phrase(`bucket (?:named |called )?'?"?([a-z0-9.-]{3,63})'?"?`)
	errorCodeLiteral = lazyregexp.New(`\b[A-Z][A-Za-z]+(?:\.[A-Z][A-Za-z]+)*(?:Exception|NotFound|Fault)\b`)
	usersNamed       = phrase(`users (?:named |called )?([a-z0-9_.@+=-]+(?:(?:, | and | or |, and )[a-z0-9_.@+=-]+)+)`)
	didWhat          = phrase(`(?:did|does|has) ([a-z0-9_.@+=-]+) (?:do|done|perform|performed|call|called|make|made|run|use|used|invoke|change|changed)`)
	doneBy           = phrase(`(?:performed|made|done|called|caused) by (?:user )?'?"?([a-z0-9_.@+=-]+)'?"?`)
	eventNameLiteral = lazyregexp.New(`\b(?:[A-Z][a-z]+(?:[A-Z][A-Za-z0-9]*)+|Decrypt|Encrypt|Invoke|Publish|Scan)\b`)
)

// userWords mean users in general, not one user's name.
var userWords = lazyregexp.New(`^(?:iam|users?|principals?|callers?|people|roles?|services?|accounts?|root|someone|anyone|somebody|anybody|everybody|they|it|he|she)$`)

// notNames are words that follow the words user and bucket without being names.
var notNames = set(`not never no nobody ever always with who that which and or activity actions action errors error in on over from for has had have made did does is are was were to by of the a an names name
	logins login sign-ins agents agent arns arn changes change policies policy access deleted deletes calls calling called accounts account had failed used identity types type`)

// readTags understands the tags of resources and principals.
func (p *prompt) readTags() {
	const anyResource = "any_match(eventcontext.tagcontext.resourcetags, rt -> element_at(rt.tags, %k) = %v)"
	match := func(key, value string) string {
		return strings.NewReplacer("%k", quoted(key), "%v", quoted(value)).Replace(anyResource)
	}
	if g := p.take(resourceTag); g != nil && !notNames[g[1]] {
		p.where(match(p.asWritten(g[1]), p.asWritten(g[2])))
	} else if g := p.take(byResourceTag); g != nil {
		key := p.asWritten(g[1])
		p.from = "\nCROSS JOIN UNNEST(eventcontext.tagcontext.resourcetags) AS rt (arn, tags)"
		p.dimensions, p.isTop = append(p.dimensions, column{"element_at(rt.tags, " + quoted(key) + ")", "tagValue"}), true
	}
	byPrincipal := func(key string) {
		tag := "element_at(eventcontext.tagcontext.principaltags, " + quoted(p.asWritten(key)) + ")"
		p.dimensions, p.isTop = append(p.dimensions, column{tag, "tagValue"}), true
		p.where(tag + " IS NOT NULL")
	}
	if g := p.take(calledPrincipal); g != nil {
		byPrincipal(g[1])
		p.take(phrase(regexp.QuoteMeta(g[1])))
	} else if g := p.take(principalTag); g != nil && !notNames[g[1]] {
		p.where("element_at(eventcontext.tagcontext.principaltags, " + quoted(p.asWritten(g[1])) + ") = " + quoted(p.asWritten(g[2])))
	} else if g := p.take(byPrincipalTag); g != nil {
		byPrincipal(g[1])
	}
	if g := p.take(stack); g != nil {
		p.where(match("aws:cloudformation:stack-name", p.asWritten(g[1])))
	}
}

// readLiterals understands what can be nothing else: addresses, regions, keys, ARNs, accounts.
func (p *prompt) readLiterals() {
	if g := p.take(arnLiteral); g != nil {
		p.where("useridentity.arn = " + quoted(p.asWritten(g[0])))
	}
	if g := p.take(addressLiteral); g != nil {
		p.where("sourceipaddress = " + quoted(g[1]))
	}
	if g := p.take(regionLiteral); g != nil {
		if g[1] != "" {
			p.where("awsregion <> " + quoted(g[2]))
		} else {
			p.where("awsregion = " + quoted(g[2]))
		}
	}
	if g := p.take(keyLiteral); g != nil {
		p.where("useridentity.accesskeyid = " + quoted(strings.ToUpper(g[1])))
	}
	if g := p.take(fromAccount); g != nil {
		p.where("useridentity.accountid = " + quoted(g[1]))
	}
	if g := p.take(accountLiteral); g != nil {
		p.where("recipientaccountid = " + quoted(g[1]))
	}
}

// rule is a pattern and the condition that it means.
type rule struct {
	pattern   pattern
	condition string
}

const (
	isDenied    = "regexp_like(concat(coalesce(errorcode, ''), ' ', coalesce(errormessage, '')), '(?i)access ?denied|unauthorized')"
	isThrottled = "regexp_like(errorcode, 'Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|ProvisionedThroughputExceeded')"
	isLogin     = "eventname = 'ConsoleLogin'"
	isFailed    = "errorcode IS NOT NULL"
	isDone      = "errorcode IS NULL"
)

// outcomes are rules; several may hold. Those that say more come first.
var outcomes = []rule{
	{phrase(`failed (?:console )?(?:log ?ins?|sign[- ]?ins?|log ?ons?)|(?:console )?(?:log ?ins?|sign[- ]?ins?)(?: attempts?)? (?:that )?failed|failed (?:console ?login|sign-?in|login) (?:attempts?|events?)|failed consolelogins?|failed to (?:log|sign) ?in`),
		isLogin + " AND element_at(responseelements, 'ConsoleLogin') = 'Failure'"},
	{phrase(`successful (?:console )?(?:log ?ins?|sign[- ]?ins?)|(?:logged|signed) in successfully`), isLogin + " AND element_at(responseelements, 'ConsoleLogin') = 'Success'"},
	{phrase(`console ?log-?ins?|console sign[- ]?ins?|log-?ins?|sign[- ]?ins?|logged in|signed in|sign(?:ed|ing)? in(?:to)?|log in(?:to)?`), isLogin},
	{phrase(`without (?:using )?(?:mfa|multi-?factor authentication|a second factor)|no mfa|(?:mfa|multi-?factor authentication|a second factor) (?:was|is|were) not used`), "coalesce(element_at(additionaleventdata, 'MFAUsed'), 'No') = 'No'"},
	{phrase(`(?:(?:the )?error ?codes? (?:is |was |of |equals |= ?)?)?access[- ]?denied(?: errors?)?|denied access|unauthori[sz]ed(?: (?:calls?|attempts?|access))?|(?:was|were|been|got|are|is) (?:denied|refused)|denied|refused|not (?:authori[sz]ed|allowed)|forbidden`), isDenied},
	{phrase(`throttl(?:ed|ing)(?: errors?)?|rate[- ]limited`), isThrottled},
	{phrase(`succe(?:eded|ssful|ssfully)|without errors?`), isDone},
	{phrase(`failed|failures?|fail|unsuccessful|(?:went|go|goes) wrong`), isFailed},
	{phrase(`root(?: user| account)?(?: activity)?`), "useridentity.type = 'Root'"},
	{phrase(`data(?: plane)? events?`), "eventcategory = 'Data'"},
	{phrase(`management events?`), "eventcategory = 'Management'"},
	{phrase(`(?:old|outdated|deprecated|obsolete|insecure) (?:versions? of )?tls(?: versions?)?`), "tlsdetails.tlsversion IN ('TLSv1', 'TLSv1.0', 'TLSv1.1')"},
	{phrase(`from the console|(?:in|using|through) the (?:management )?console`), "sessioncredentialfromconsole = 'true'"},
	{phrase(`(?:with |from |through |using )?(?:the )?(?:aws )?(?:cli|command[- ]line)`), "useragent LIKE '%aws-cli%'"},
	{phrase(`(?:with |by |from |through |using )?terraform`), "useragent LIKE '%Terraform%'"},
	{phrase(`(?:with |from |through |using )?boto3`), "useragent LIKE '%Boto3%'"},
	{phrase(`cross-?account`), "useridentity.accountid <> recipientaccountid"},
}

var (
	readsAndWrites = phrase(`(?:for )?(?:both )?(?:reads? and writes?|read (?:and|vs\.?|versus) write|reads (?:vs\.?|versus) writes)(?: (?:events|calls|operations))?(?: split| apart| separately)?`)
	onlyReads      = phrase(`(?:only )?read(?:-only| only)?(?: events| calls| operations)?|reads`)
	onlyWrites     = phrase(`(?:only )?write(?: events| calls| operations)?|writes|changing events|mutating(?: calls| events)?`)
)

func (p *prompt) readOutcomes() {
	if p.take(readsAndWrites) != nil {
		p.splitsRead = true
	} else if p.take(onlyWrites) != nil {
		p.where("NOT readonly")
	} else if p.take(onlyReads) != nil {
		p.where("readonly")
	}
	for _, r := range outcomes {
		if p.take(r.pattern) != nil {
			p.where(r.condition)
		}
	}
}

// tellLogins replaces the condition on the error code by one on the outcome of a sign-in: a failed sign-in has no
// error code.
func (p *prompt) tellLogins() {
	if !slices.Contains(p.conditions, isLogin) {
		return
	}
	const outcome = "element_at(responseelements, 'ConsoleLogin') = "
	told := strings.NewReplacer(isFailed, outcome+"'Failure'", isDone, outcome+"'Success'")
	for _, conditions := range [][]string{p.conditions, p.exclusions} {
		for i, c := range conditions {
			conditions[i] = told.Replace(c)
		}
	}
}

// isName reports whether a word can be a person's name.
func isName(word string) bool {
	return !notNames[word] && !emptyWords[word] && serviceSources[word] == "" && !strings.HasPrefix(word, "-")
}

// connective stands between the members of a list.
var connective = lazyregexp.New(`,? (?:and|or) |, `)

// listed returns the members of a list as SQL.
func (p *prompt) listed(list string) string {
	members := connective().Split(list, -1)
	for i, member := range members {
		members[i] = quoted(p.asWritten(member))
	}
	return strings.Join(members, ", ")
}

// readNames understands names of actions of the API, of users and of buckets.
func (p *prompt) readNames() {
	for _, code := range errorCodeLiteral().FindAllString(p.text, -1) {
		if p.take(phrase(`(?:with )?(?:the )?(?:error ?codes? )?(?:is |was |of |= ?)?`+regexp.QuoteMeta(strings.ToLower(code))+`(?: errors?)?`)) != nil {
			p.where("errorcode = " + quoted(code))
		}
	}
	if g := p.take(usersNamed); g != nil {
		p.where("useridentity.username IN (" + p.listed(g[1]) + ")")
	}
	for _, by := range []pattern{doneBy, didWhat} {
		if at := by().FindStringSubmatch(p.lower); at != nil && isName(at[1]) && !userWords().MatchString(at[1]) {
			p.take(by)
			p.where("useridentity.username = " + quoted(p.asWritten(at[1])))
		}
	}
	var named []string
	for _, name := range eventNameLiteral().FindAllString(p.text, -1) {
		lower := strings.ToLower(name)
		if serviceSources[lower] != "" || lower == "cloudtrail" || lower == "accessdenied" || lower == "consolelogin" {
			continue
		}
		if p.take(phrase(`(?:event ?names? (?:is |was |of |= ?)?)?`+regexp.QuoteMeta(lower)+`(?: (?:calls?|events?|api|actions?|requests?))?`)) != nil {
			named = append(named, quoted(name))
		}
	}
	if len(named) == 1 {
		p.where("eventname = " + named[0])
	} else if len(named) > 1 {
		p.where("eventname IN (" + strings.Join(named, ", ") + ")")
	}
	if at := userNamed().FindStringSubmatch(p.lower); at != nil && isName(at[1]) {
		g := p.take(userNamed)
		p.where("useridentity.username = " + quoted(p.asWritten(g[1])))
	}
	if at := bucketNamed().FindStringSubmatch(p.lower); at != nil && !notNames[at[1]] && !emptyWords[at[1]] {
		g := p.take(bucketNamed)
		p.where("element_at(requestparameters, 'bucketName') = " + quoted(g[1]))
	}
}

// actions are rules about what was done; the first that is found holds.
var actions = []rule{
	{phrase(`(?:iam )?polic(?:y|ies) (?:were |was |that )?(?:changes?|changed|modified|modifications?|attached|updates?)|(?:chang|modif|attach|detach)(?:ed|es|ing|ied|ying) (?:iam )?polic(?:y|ies)|changes? (?:to|of) (?:iam )?polic(?:y|ies)`),
		"eventsource = 'iam.amazonaws.com' AND regexp_like(eventname, '^(Attach|Detach|Put|Delete)(User|Role|Group)Policy$|^(Create|Delete)Policy(Version)?$|^SetDefaultPolicyVersion$')"},
	{phrase(`security groups?(?: rules?)? (?:were |was |that )?(?:changes?|changed|modified|modifications?)|chang(?:ed|es|ing) (?:to )?security groups?|changes? (?:to|of) security groups?|modif(?:ied|ying) security groups?`),
		"eventsource = 'ec2.amazonaws.com' AND regexp_like(eventname, 'SecurityGroup') AND NOT readonly"},
	{phrase(`(?:launch(?:ed|es|ing)?|start(?:ed|s|ing)?|ran|run) (?:new )?(?:ec2 )?(?:instances?|machines?|servers?)|(?:ec2 )?instances? (?:were |was )?(?:launch(?:es|ed)?|started)|instance launches`), "eventname = 'RunInstances'"},
	{phrase(`(?:terminat|kill)(?:ed|es|ing)? (?:ec2 )?(?:instances?|machines?|servers?)|(?:ec2 )?instances? (?:were |was )?terminat(?:ed|ions?)`), "eventname = 'TerminateInstances'"},
	{phrase(`(?:creat|mak)(?:ed|es|ing) (?:new )?access keys?|(?:new|created) access keys?|access keys? (?:were |was )?(?:created|creations?)`), "eventname = 'CreateAccessKey'"},
	{phrase(`(?:creat|mak)(?:ed|es|ing) (?:an? )?(?:new )?(?:iam )?users?|(?:new|created) (?:iam )?users?(?: (?:that )?(?:was|were) created)?|(?:iam )?users? (?:were |was )?created`), "eventname = 'CreateUser'"},
	{phrase(`assum(?:ed|es|ing)(?: (?:an? )?(?:iam )?roles?)?|assume role|role assumptions?`), "eventname LIKE 'AssumeRole%'"},
	{phrase(`(?:deleted|deletes|deleting|removed|removing|deletion of) (?:s3 )?buckets?|buckets? (?:were |was )?(?:deleted|deletions?|removed)`), "eventname = 'DeleteBucket'"},
	{phrase(`(?:stopp?(?:ed|ing|s)?|disabl(?:ed|ing|es)|turned off|switched off) (?:cloudtrail |trail )?(?:logging|trails?)`), "eventname IN ('StopLogging', 'DeleteTrail')"},
	{phrase(`(?:disabl|deactivat|remov)(?:ed|es|ing) (?:mfa|multi-?factor authentication)(?: devices?)?|mfa (?:devices? )?(?:was |were )?(?:disabled|deactivated|removed)`), "eventname IN ('DeactivateMFADevice', 'DeleteVirtualMFADevice')"},
	{phrase(`delet(?:ed|es|e|ing|ions?)|destructive(?: actions?)?|destroy(?:ed)?|terminat(?:ed|ions?|ing)`), "regexp_like(eventname, '^(Delete|Terminate|Destroy|Purge)')"},
	{phrase(`creat(?:ed|es|e|ing|ions?)`), "regexp_like(eventname, '^(Create|Run|Allocate)')"},
}

func (p *prompt) readActions() {
	for _, r := range actions {
		if p.take(r.pattern) != nil {
			p.where(r.condition)
			return
		}
	}
}
