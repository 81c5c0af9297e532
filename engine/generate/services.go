package generate

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// serviceSources are the first part of the eventsource of services, by their names in prompts.
var serviceSources = func() map[string]string {
	out := map[string]string{
		"simple storage service": "s3", "simple notification service": "sns", "simple queue service": "sqs", "secrets manager": "secretsmanager", "systems manager": "ssm",
		"security token service": "sts", "key management service": "kms", "load balancing": "elasticloadbalancing", "load balancers": "elasticloadbalancing", "cloudwatch": "monitoring",
		"cloudwatch logs": "logs", "eventbridge": "events", "step functions": "states", "parameter store": "ssm", "cost explorer": "ce", "route 53": "route53", "api gateway": "apigateway",
		"certificate manager": "acm", "directory service": "ds", "identity center": "sso", "elastic container registry": "ecr", "elastic container service": "ecs",
	}
	for _, name := range strings.Fields(`s3 sns sqs ec2 iam sts kms rds lambda dynamodb ecs ecr eks cloudformation cloudfront guardduty config route53 athena glue redshift kinesis
		secretsmanager ssm organizations autoscaling elasticache bedrock sagemaker backup ses waf macie codebuild codepipeline cognito acm apigateway firehose support`) {
		out[name] = name
	}
	return out
}()

// serviceNames are the names of services as a pattern, the longer first.
var serviceNames = func() string {
	names := slices.SortedFunc(maps.Keys(serviceSources), func(a, b string) int { return len(b) - len(a) })
	return `(?:amazon |aws )?(` + strings.Join(names, "|") + `)(?: service| calls?| activity)?`
}()

var (
	oneService   = phrase(serviceNames)
	someServices = phrase(serviceNames + `(?:(?:, | and | or |, and )` + serviceNames + `)+`)
)

// readServices understands which service is meant, unless the action implies it.
func (p *prompt) readServices() {
	condition := ""
	if g := p.take(someServices); g != nil {
		var sources []string
		for _, named := range oneService().FindAllStringSubmatch(g[0], -1) {
			sources = append(sources, quoted(serviceSources[named[1]]+".amazonaws.com"))
		}
		condition = "eventsource IN (" + strings.Join(sources, ", ") + ")"
	} else if g := p.take(oneService); g != nil {
		condition = "eventsource = " + quoted(serviceSources[g[1]]+".amazonaws.com")
	} else {
		return
	}
	for _, c := range p.conditions {
		if strings.Contains(c, "eventsource") {
			return
		}
	}
	p.where(condition)
}

// dimensions are what events are counted by, or listed, by the words for it.
var dimensions = []struct {
	pattern pattern
	column  column
}{
	{phrase(`error messages?`), column{"errormessage", "errorMessage"}},
	{phrase(`error codes?|kinds? of errors?|types? of errors?`), column{"errorcode", "errorCode"}},
	{phrase(`(?:source )?ip(?: addresses| address|s)?|(?:source )?address(?:es)?`), column{"sourceipaddress", "sourceIPAddress"}},
	{phrase(`user ?agents?|programs?|clients?`), column{"useragent", "userAgent"}},
	{phrase(`regions?`), column{"awsregion", "awsRegion"}},
	{phrase(`access keys?`), column{"useridentity.accesskeyid", "accessKeyId"}},
	{phrase(`(?:aws )?services?|event sources?`), column{"eventsource", "eventSource"}},
	{phrase(`roles?`), column{"element_at(requestparameters, 'roleArn')", "role"}},
	{phrase(`buckets?`), column{"element_at(requestparameters, 'bucketName')", "bucket"}},
	{phrase(`(?:lambda )?functions?`), column{"element_at(requestparameters, 'functionName')", "functionName"}},
	{phrase(`tables?`), column{"element_at(requestparameters, 'tableName')", "tableName"}},
	{phrase(`tls versions?|versions? of tls`), column{"tlsdetails.tlsversion", "tlsVersion"}},
	{phrase(`users?|principals?|callers?|identit(?:y|ies)|people|persons?|somebody|anyone|anybody|operators?`), column{"useridentity.arn", "userArn"}},
	{phrase(`(?:member )?accounts?`), column{"recipientaccountid", "accountId"}},
	{phrase(`apis?|(?:api )?actions?|event names?|operations?|event types?|api calls?`), column{"eventname", "eventName"}},
}

// smallNumbers are numbers in words, as a pattern.
const smallNumbers = `two|three|four|five|six|seven|eight|nine|ten|twelve`

var (
	topWords   = phrase(`top (\d{1,3}|` + smallNumbers + `)|(\d{1,3}|` + smallNumbers + `) most(?: (?:frequent|common|active|used|often))?|top|most(?: (?:frequent|common|active|used|often))?(?:ly)?|busiest|biggest|frequent(?:ly)?|common|highest|descending`)
	countWords = phrase(`(?:api|api call|call) counts?|(?:how many|number of|counts?(?: of)?|total) (?:the )?(?:api )?(?:calls?|requests?|events?)|how many(?: times)?|how often|how much|how frequent(?:ly)?|count(?: of|s)?|number of|counted|total|frequency`)
	buckets    = phrase(`(?:each|per|every|by|for each) (minute|hour|day|week|month)|(hourly|daily|weekly|monthly)|over time`)
	latest     = phrase(`(?:latest|last|most recent|newest|recent) (\d{1,3})(?: events?)?`)
	newest     = phrase(`most recent|latest|newest`)
	recently   = phrase(`recently|lately|recent`)
	different  = phrase(`(?:how many|number of|count of)(?: (?:distinct|different|unique))? (?:users|principals|people|regions|services|accounts|(?:source )?(?:ip )?addresses|(?:source )?ips|roles|access keys)|` +
		`(?:distinct|different|unique) (?:actions|apis|programs|clients|user agents|error codes|buckets|tables|functions)`)
	differs = phrase(`distinct|different|unique`)
	each    = phrase(`by|per|each|every`)
	// aThing is no dimension: any one is meant. The subject of a question is none either, when it asks for
	// something else.
	aThing  = phrase(`(?:an?|any) (?:role|bucket|function|table|user|account|service|region|address)`)
	subject = phrase(`(?:do|did|does|have|has) (?:the )?(?:people|users|somebody|anybody|anyone|callers|principals)`)
	// perThing are events counted by what follows.
	perThing   = phrase(`(?:by|per|each|every)(?: the)?(?: source)? (?:error|kinds?|types?|ips?|address|user|programs?|clients?|region|access keys?|(?:aws )?service|role|bucket|(?:lambda )?function|table|tls|principal|caller|identity|person|(?:member )?account|apis?|action|event name|operation)`)
	atLeast    = phrase(`(more than|over|at least|fewer than|less than|exactly) (\d{1,9})(?: times)?`)
	whoWords   = phrase(`who|whom|whose`)
	eventIDs   = phrase(`event ?ids?|ids? of (?:all )?(?:the )?events`)
	errorWords = phrase(`errors?`)
	// calledAPIs are events, unless they are counted.
	calledAPIs = phrase(`api (?:calls?|requests?|activity)`)
)

// readShape understands what is to be done with the events: counted, by time, or listed.
func (p *prompt) readShape() {
	if p.take(eventIDs) != nil {
		p.onlyIDs = true
	}
	if g := p.take(latest); g != nil {
		p.isLatest, p.limit = true, g[1]
	} else if p.take(newest) != nil {
		p.isLatest = true
	}
	p.take(recently)
	if p.countsDifferent = different().MatchString(p.lower) && !each().MatchString(p.lower); p.countsDifferent {
		p.take(differs)
	}
	if g := p.take(topWords); g != nil {
		p.isTop, p.limit = true, g[1]+g[2]
		if n := numberWords[p.limit]; n > 0 {
			p.limit = strconv.Itoa(n)
		}
	}
	if g := p.take(atLeast); g != nil {
		p.isTop = true
		p.having = "count(*) " + map[string]string{"more than": ">", "over": ">", "at least": ">=", "fewer than": "<", "less than": "<", "exactly": "="}[g[1]] + " " + g[2]
	}
	if p.take(countWords) != nil {
		p.isCount = true
	}
	if g := p.take(buckets); g != nil {
		p.bucket = g[1]
		switch {
		case g[2] == "daily":
			p.bucket = "day"
		case g[2] != "":
			p.bucket = strings.TrimSuffix(g[2], "ly")
		case g[1] == "":
			p.bucket = "hour"
		}
	}
}

// readDimensions understands by what events are counted, or what is listed. In a prompt about counts, the words
// left over are dimensions; "who did" asks for users.
func (p *prompt) readDimensions() {
	if p.onlyIDs {
		return
	}
	if !p.isCount && !p.isTop && p.bucket == "" {
		p.take(calledAPIs)
	}
	p.isCount = p.isCount || perThing().MatchString(p.lower) && !p.countsDifferent
	p.take(aThing)
	if without := subject().ReplaceAllString(p.lower, " "); subject().MatchString(p.lower) && asksForOther(without) {
		p.take(subject)
	}
	for _, d := range dimensions {
		if p.take(d.pattern) != nil {
			p.dimensions = append(p.dimensions, d.column)
			p.present(d.column)
		}
	}
	if p.take(whoWords) != nil && len(p.dimensions) == 0 {
		users := column{"useridentity.arn", "userArn"}
		p.dimensions = append(p.dimensions, users)
		p.present(users)
	}
	if p.take(errorWords) == nil {
		return
	}
	switch {
	case p.has("errorcode"): // it says which errors
	case p.isTop && len(p.dimensions) == 0:
		p.dimensions = append(p.dimensions, column{"errormessage", "errorMessage"})
		p.where("errormessage IS NOT NULL")
	default:
		p.where("errorcode IS NOT NULL")
	}
}

// asksForOther reports whether a dimension is asked for by its name.
func asksForOther(text string) bool {
	for _, d := range dimensions {
		if d.pattern().MatchString(text) {
			return true
		}
	}
	return false
}

// present leaves out events that lack what is listed. Counts by user never include events without a user.
func (p *prompt) present(c column) {
	if !p.isCount || p.isTop || c.name == "userArn" {
		p.where(c.expression + " IS NOT NULL")
	}
}

func (p *prompt) has(part string) bool {
	for _, c := range p.conditions {
		if strings.Contains(c, part) {
			return true
		}
	}
	return false
}
