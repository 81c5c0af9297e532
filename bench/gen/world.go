package gen

import (
	"fmt"
	"strconv"
)

// account is one account of the generated organization and what lives in it.
// All lists are in falling order of use.
type account struct {
	id, alias string
	// users are people, machines are users that programs have the keys of.
	users, machines []*principal
	// people assume the first kind of roles, programs the second.
	peopleRoles, programRoles []*role

	buckets, instances, functions, tables   []string
	secrets, parameters, logGroups, kmsKeys []string
	groups, vpcs, images                    []string

	// sessions are the credentials issued last, a ring.
	sessions    [sessionsKept]*session
	nextSession int
}

// principal is an IAM user.
type principal struct {
	name, id, arn, accessKey string
	ip, agent                string
	mfa                      bool
	// deniedPermille of the user's requests are refused.
	deniedPermille int
}

// role is what sessions are issued for.
type role struct {
	name, id, arn string
	// service assumes the role for its programs; webProvider vouches for those
	// outside. "" for people's roles.
	service        string
	deniedPermille int
}

// webProvider is an OpenID provider whose tokens stand for programs outside.
const webProvider = "ci.example.com"

var (
	regions = []string{"us-east-1", "eu-west-1", "us-west-2", "eu-central-1", "ap-southeast-2", "ap-northeast-1", "sa-east-1"}

	givenNames = []string{
		"maria", "jonas", "aisha", "tom", "ling", "priya", "oscar", "nadia", "pavel", "ines", "kwame", "yuki", "lena", "diego", "sofia",
		"emil", "hana", "omar", "clara", "viktor", "ruth", "andre", "mina", "felix", "zoe", "ravi", "greta", "samir", "julia", "noah",
	}
	surnames     = []string{"berg", "okafor", "silva", "chen", "novak", "rossi", "patel", "lund", "garcia", "sato", "weber", "haddad"}
	machineUsers = []string{"ci-runner", "backup-agent", "metrics-reader", "legacy-uploader", "terraform"}
	aliases      = []string{"prod", "shared", "staging", "data", "security", "dev", "sandbox", "payments", "web", "mobile", "ml", "archive"}
	purposes     = []string{"logs", "uploads", "reports", "assets", "backups", "exports", "invoices", "models", "artifacts", "customer-secrets", "tfstate", "scratch"}
	programNames = []string{"checkout", "thumbnail", "billing-export", "auth", "search-index", "mailer", "etl-orders", "fraud-score", "inventory", "webhook", "audit-forwarder", "cleanup"}

	peopleRoleNames  = []string{"Developer", "ReadOnly", "Operations", "Deployer", "DataAnalyst", "SecurityAudit", "BreakGlass", "BillingView"}
	programRoleNames = []struct{ name, service string }{
		{"app-server-role", "ec2.amazonaws.com"},
		{"checkout-lambda-role", "lambda.amazonaws.com"},
		{"batch-worker-role", "ecs-tasks.amazonaws.com"},
		{"etl-orders-lambda-role", "lambda.amazonaws.com"},
		{"eks-node-role", "ec2.amazonaws.com"},
		{"thumbnail-lambda-role", "lambda.amazonaws.com"},
		{"AWSServiceRoleForAutoScaling", "autoscaling.amazonaws.com"},
		{"AWSServiceRoleForConfig", "config.amazonaws.com"},
		{"build-project-role", "codebuild.amazonaws.com"},
		{"release-role", webProvider},
		{"legacy-report-role", "ec2.amazonaws.com"},
	}

	browserAgents = []string{
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
		"Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
	}
	peopleAgents = []string{
		"aws-cli/2.22.7 md/awscrt#0.23.4 ua/2.0 os/macos#24.1.0 md/arch#arm64 lang/python#3.12.6 md/installer#exe md/prompt#off",
		"APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.76.0 aws-sdk-go-v2/1.32.5 os/linux lang/go#1.23.3",
		"aws-cli/1.36.3 md/Botocore#1.35.62 ua/2.0 os/linux#5.10.228 md/arch#x86_64 lang/python#3.9.16 botocore/1.35.62",
		"Boto3/1.35.60 md/Botocore#1.35.60 ua/2.0 os/macos#23.6.0 md/arch#arm64 lang/python#3.11.10 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.35.60",
		"S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.777 Linux/5.10.227 OpenJDK_64-Bit_Server_VM/25.432-b06 java/1.8.0_432 vendor/Oracle_Corporation cfg/retry-mode/standard",
	}
	programAgents = []string{
		"Boto3/1.34.145 md/Botocore#1.34.145 ua/2.0 os/linux#5.10.230 md/arch#x86_64 lang/python#3.12.7 exec-env/AWS_Lambda_python3.12 Botocore/1.34.145",
		"aws-sdk-java/2.29.15 Linux/6.1.115 OpenJDK_64-Bit_Server_VM/17.0.13 Java/17.0.13 vendor/Amazon.com_Inc. cfg/auth-source#imds",
		"aws-sdk-go-v2/1.30.3 ua/2.0 os/linux lang/go#1.22.5 md/GOOS#linux md/GOARCH#amd64 api/s3#1.58.2",
		"aws-sdk-js/3.693.0 ua/2.1 os/linux#5.10.227 lang/js md/nodejs#20.18.0 api/dynamodb#3.693.0 exec-env/AWS_Lambda_nodejs20.x m/E",
		"aws-sdk-nodejs/2.1692.0 linux/v18.20.4 exec-env/AWS_ECS_FARGATE promise",
	}
)

func newAccount(r *random, n int) *account {
	a := &account{id: accountID(r, n), alias: aliases[n%len(aliases)]}
	if n >= len(aliases) {
		a.alias += strconv.Itoa(n / len(aliases))
	}
	for i := range 6 + r.below(24) {
		name := givenNames[i] + "." + pick(r, surnames)
		a.users = append(a.users, newUser(r, a, name, pick(r, peopleAgents)))
	}
	for _, name := range machineUsers {
		a.machines = append(a.machines, newUser(r, a, name, pick(r, programAgents)))
	}
	for _, name := range peopleRoleNames {
		a.peopleRoles = append(a.peopleRoles, newRole(r, a, name, ""))
	}
	for _, p := range programRoleNames {
		a.programRoles = append(a.programRoles, newRole(r, a, p.name, p.service))
	}
	a.peopleRoles[4].deniedPermille = 120
	a.programRoles[len(a.programRoles)-1].deniedPermille = 450

	for _, p := range purposes {
		a.buckets = append(a.buckets, "example-"+a.alias+"-"+p)
	}
	for _, p := range programNames {
		a.functions = append(a.functions, p)
		a.logGroups = append(a.logGroups, "/aws/lambda/"+p)
		a.tables = append(a.tables, p+"-state")
		a.secrets = append(a.secrets, a.alias+"/"+p+"/db-password")
		a.parameters = append(a.parameters, "/"+a.alias+"/"+p+"/config")
	}
	a.instances = names(r, 30, "i-", 17)
	a.groups = names(r, 12, "sg-", 17)
	a.vpcs = names(r, 3, "vpc-", 17)
	a.images = names(r, 5, "ami-", 17)
	for range 5 {
		a.kmsKeys = append(a.kmsKeys, string(r.uuid(nil)))
	}
	return a
}

// accountID is one of the numbers that documentation uses, then random ones.
func accountID(r *random, n int) string {
	known := []string{"111122223333", "444455556666", "777788889999", "123456789012"}
	if n < len(known) {
		return known[n]
	}
	return fmt.Sprintf("%012d", 200_000_000_000+r.below(700_000_000_000))
}

func newUser(r *random, a *account, name, agent string) *principal {
	u := &principal{
		name:      name,
		id:        string(r.digits([]byte("AIDA"), base32Digits, 17)),
		arn:       "arn:aws:iam::" + a.id + ":user/" + name,
		accessKey: string(r.digits([]byte("AKIA"), base32Digits, 16)),
		ip:        publicIP(r),
		agent:     agent,
		mfa:       r.chance(700),
	}
	if r.chance(150) {
		u.deniedPermille = 80
	}
	return u
}

func newRole(r *random, a *account, name, service string) *role {
	path := "role/"
	switch service {
	case "autoscaling.amazonaws.com", "config.amazonaws.com":
		path = "role/aws-service-role/" + service + "/"
	}
	return &role{
		name:           name,
		id:             string(r.digits([]byte("AROA"), base32Digits, 17)),
		arn:            "arn:aws:iam::" + a.id + ":" + path + name,
		service:        service,
		deniedPermille: 8,
	}
}

func names(r *random, n int, prefix string, hexLen int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = string(r.digits([]byte(prefix), hexDigits, hexLen))
	}
	return list
}

// publicIP is an address of the blocks set aside for documentation and tests.
func publicIP(r *random) string {
	switch r.below(10) {
	case 0, 1, 2:
		return "203.0.113." + strconv.Itoa(1+r.below(254))
	case 3, 4:
		return "198.51.100." + strconv.Itoa(1+r.below(254))
	case 5:
		return fmt.Sprintf("2001:db8:%x:%x::%x", r.below(0x10000), r.below(0x10000), 1+r.below(0xfff))
	}
	return fmt.Sprintf("198.%d.%d.%d", 18+r.below(2), r.below(256), 1+r.below(254))
}

func privateIP(r *random) string {
	return fmt.Sprintf("10.%d.%d.%d", r.below(4), r.below(256), 1+r.below(254))
}
