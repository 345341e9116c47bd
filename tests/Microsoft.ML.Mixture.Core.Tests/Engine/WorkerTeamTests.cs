namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>Every piece of work is done once, by whoever comes. That nobody waits for those that do not shows in times alone.</summary>
public class WorkerTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    public void Run_ManyTimes_DoesEveryPieceOnceBeforeItReturns(int size)
    {
        using var team = new WorkerTeam(size);
        int[] done = new int[40];
        int expected = 0;
        for (int run = 0; run < 20_000; run++)
        {
            int pieces = 1 + (run * 7 % done.Length);
            team.Run(pieces, (piece, member) =>
            {
                Assert.InRange(member, 0, size - 1);
                Assert.InRange(piece, 0, pieces - 1);
                done[piece]++;
            });
            expected += pieces;
            Assert.Equal(expected, done.Sum());
        }

        Assert.Equal([.. Enumerable.Range(0, done.Length).Select(piece => Enumerable.Range(0, 20_000).Count(run => run * 7 % done.Length >= piece))], done);
    }

    [Fact]
    public void Run_MemberThatIsKeptByAPiece_LeavesAllOthersToTheCaller()
    {
        using var team = new WorkerTeam(2);
        using var released = new ManualResetEventSlim();
        int callers = 0;

        // The second thread takes a piece, if it comes in time, and is kept from going on to the next.
        team.Run(100, (piece, member) =>
        {
            if (member == 1) released.Wait();
            else if (++callers == 99) released.Set();
        });

        Assert.InRange(callers, 99, 100);
    }

    [Fact]
    public void Run_SeveralThreads_WorkAtTheSameTime()
    {
        using var team = new WorkerTeam(4);
        using var meeting = new Barrier(4);

        // Nobody would come past it alone.
        for (int run = 0; run < 100; run++) team.Run(4, (_, _) => Assert.True(meeting.SignalAndWait(TimeSpan.FromSeconds(60))));
    }

    [Fact]
    public void Run_PieceThatFails_ThrowsItsExceptionTakesNoMoreAndCanBeUsedAgain()
    {
        using var team = new WorkerTeam(3);
        for (int run = 0; run < 2_000; run++)
        {
            int done = 0, failing = run % 50;
            var failure = Assert.Throws<InvalidOperationException>(() => team.Run(1_000, (piece, _) =>
            {
                if (piece == failing) throw new InvalidOperationException($"Piece {piece}.");
                Interlocked.Increment(ref done);
            }));

            Assert.Equal($"Piece {failing}.", failure.Message);
            Assert.InRange(done, failing, 999);
        }

        int afterwards = 0;
        team.Run(500, (_, _) => Interlocked.Increment(ref afterwards));
        Assert.Equal(500, afterwards);
    }

    [Fact]
    public void Dispose_IdleTeam_EndsItsThreads()
    {
        var threads = new List<Thread>();
        var team = new WorkerTeam(3);
        using (var meeting = new Barrier(3))
        {
            team.Run(3, (_, member) =>
            {
                lock (threads) threads.Add(Thread.CurrentThread);
                meeting.SignalAndWait();
            });
        }

        // Asleep, and right after a run.
        Thread.Sleep(50);
        team.Dispose();
        foreach (Thread thread in threads.Where(thread => thread != Thread.CurrentThread)) Assert.True(thread.Join(TimeSpan.FromSeconds(60)));
    }
}
