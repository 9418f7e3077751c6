# net_ssh.rb config HOST…: what net-ssh makes of the user's configuration for each host.
# net_ssh.rb login FILE HOST: logs in as FILE says, and prints $USER there.
require "net/ssh"

case ARGV.shift
when "config"
  ARGV.each do |host|
    said = Net::SSH::Config.for(host)
    values = %i[host_name user port keys proxy].map { |key| "#{key}=#{said[key].inspect}" }
    puts "#{host} #{values.join(" ")}"
  end
when "login"
  file, host = ARGV
  Net::SSH.start(host, nil, config: file, non_interactive: true, timeout: 20) do |session|
    print session.exec!("echo $USER")
  end
end
